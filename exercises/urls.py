from django.urls import path

from exercises.views import assignments, ending, library, practise

app_name = "exercises"
urlpatterns = [
    path("clients/<uuid:client_id>/end/", ending.end_work, name="end_work"),
    path("clients/<uuid:client_id>/take-up/", ending.take_up_again, name="take_up_again"),
    path("exercises/", library.library, name="library"),
    path("exercises/assign/<uuid:client_id>/", assignments.assign, name="assign"),
    path("exercises/assignments/<uuid:assignment_id>/", assignments.assignment, name="assignment"),
    path("exercises/assignments/<uuid:assignment_id>/review/", assignments.review, name="review"),
    path("exercises/assignments/<uuid:assignment_id>/withdraw/", assignments.withdraw, name="withdraw"),
    path("exercises/assignments/<uuid:assignment_id>/send-again/", assignments.send_again, name="send_again"),
    path("exercises/<slug:slug>/", library.detail, name="detail"),
    path("x/<str:token>/", practise.practise, name="practise"),
]
