from django.urls import include, path

from sessions.views import (
    client_page,
    feed,
    hours,
    replies,
    sessions,
    settings,
    time_off,
    undo,
    waiting,
    week,
    with_client,
)  # fmt: skip

app_name = "sessions"
_diary = [
    path("", week.week, name="week"),
    path("looks/", week.looks, name="looks"),
    path("book/", sessions.book, name="book"),
    path("feed/", feed.feed_settings, name="feed_settings"),
    path("feed/revoke/", feed.feed_revoke, name="feed_revoke"),
    path("feed/<str:token>.ics", feed.feed, name="feed"),
    path("gap/", waiting.gap, name="gap"),
    path("waiting/", waiting.listed, name="waiting"),
    path("waiting/add/<uuid:client_id>/", waiting.add, name="waiting_add"),
    path("waiting/<uuid:entry_id>/", waiting.entry, name="waiting_entry"),
    path("waiting/<uuid:entry_id>/leave/", waiting.leave, name="waiting_leave"),
    path("replies/<uuid:reply_id>/agree/", replies.reply_agree, name="reply_agree"),
    path("replies/<uuid:reply_id>/seen/", replies.reply_see, name="reply_see"),
    path("blocked/new/", time_off.block, name="block"),
    path("leave/new/", time_off.leave, name="leave"),
    path("time-off/", time_off.all_of_it, name="time_off_list"),
    path("time-off/<uuid:time_off_id>/", time_off.one, name="time_off"),
    path("hours/", hours.hours, name="hours"),
    path("settings/", settings.settings, name="settings"),
    path("settings/types/add/", settings.type_add, name="type_add"),
    path("settings/types/<uuid:type_id>/", settings.type_change, name="type_change"),
    path("settings/types/<uuid:type_id>/archive/", settings.type_archive, name="type_archive"),
    path("settings/types/<uuid:type_id>/restore/", settings.type_restore, name="type_restore"),
    path("with/<uuid:client_id>/", with_client.with_client, name="with_client"),
    path("<uuid:session_id>/", sessions.detail, name="detail"),
    path("<uuid:session_id>/move/", sessions.move, name="move"),
    path("undo/<uuid:change_id>/", undo.undo, name="undo"),
    path("<uuid:session_id>/details/", sessions.details, name="details"),
    path("<uuid:session_id>/cancel/", sessions.cancel, name="cancel"),
    path("<uuid:session_id>/outcome/", sessions.outcome, name="outcome"),
]
urlpatterns = [
    path("sessions/", include(_diary)),
    path("s/<str:token>/", client_page.client_page, name="client_page"),
]
