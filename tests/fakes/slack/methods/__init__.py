"""The methods of the Web API that the fake knows; one file a family."""

from tests.fakes.slack.methods import (
    assistants,
    attachments,
    chat,
    conversations,
    directory,
    modals,
    streams,
    uploads,
)
from tests.fakes.slack.methods.method import Methods

METHODS: Methods = {
    **assistants.METHODS,
    **attachments.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **directory.METHODS,
    **modals.METHODS,
    **streams.METHODS,
    **uploads.METHODS,
}
