from celery import shared_task


@shared_task
def fail(backwards: str) -> None:
    """Raise with a word in the error. It comes backwards: what a task is told lies in Redis for a while."""
    raise ValueError(f"what she said: {backwards[::-1]}")
