"""What a plain `gunicorn 'todo:create_app()'` in the checkout picks up. Values and reasons are in the package."""

from todo.gunicorn_conf import *  # noqa: F403 (gunicorn reads this file's names as its settings)
