"""Methods about who is who: people, groups, bots, the workspace, the app itself."""

from tests.fakes.slack.arguments import Arguments
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.methods.method import Caller, Method, Methods, page_of


def test(caller: Caller, arguments: Arguments) -> Json:
    """`auth.test`."""
    return {
        "ok": True,
        "url": f"https://{caller.team.domain}.slack.com/",
        "team": caller.team.name,
        "team_id": caller.team.team_id,
        "user": caller.team.bot.name.lower(),
        "user_id": caller.bot,
        "bot_id": caller.team.bot.bot_id,
        "is_enterprise_install": False,
    }


def revoke(caller: Caller, arguments: Arguments) -> Json:
    """`auth.revoke`."""
    if arguments.flag("test"):
        return {"ok": True, "revoked": False}
    caller.token.is_revoked = True
    if caller.team.token is caller.token:
        caller.team.forget()
    return {"ok": True, "revoked": True}


def user(caller: Caller, arguments: Arguments) -> Json:
    """`users.info`."""
    found = caller.user(arguments.text("user"))
    return {"ok": True, "user": found.as_json(with_locale=arguments.flag("include_locale"))}


def users(caller: Caller, arguments: Arguments) -> Json:
    """`users.list`."""
    with_locale = arguments.flag("include_locale")
    everybody = [user.as_json(with_locale=with_locale) for user in caller.team.users.values()]
    return page_of(everybody, arguments, "members")


def by_email(caller: Caller, arguments: Arguments) -> Json:
    """`users.lookupByEmail`."""
    for user in caller.team.users.values():
        if user.email == arguments.text("email") and not user.is_deactivated:
            return {"ok": True, "user": user.as_json()}
    raise RefusedError("users_not_found")


def groups(caller: Caller, arguments: Arguments) -> Json:
    """`usergroups.list`."""
    all_groups = caller.team.groups.values()
    with_users = arguments.flag("include_users")
    return {
        "ok": True,
        "usergroups": [
            {"id": each.group_id, "handle": each.handle}
            | ({"users": each.members} if with_users else {})
            for each in all_groups
        ],
    }


def group_members(caller: Caller, arguments: Arguments) -> Json:
    """`usergroups.users.list`."""
    group = caller.team.groups.get(arguments.text("usergroup"))
    if group is None:
        raise RefusedError("no_such_subteam")
    return {"ok": True, "users": group.members}


def bot(caller: Caller, arguments: Arguments) -> Json:
    """`bots.info`."""
    for user in caller.team.users.values():
        if user.bot_id and user.bot_id == arguments.text("bot", caller.team.bot.bot_id):
            about = {"id": user.bot_id, "name": user.name, "user_id": user.user_id}
            app_id = caller.world.app.app_id if user is caller.team.bot else "A0OTHER"
            return {"ok": True, "bot": about | {"deleted": False, "app_id": app_id}}
    raise RefusedError("bot_not_found")


def team(caller: Caller, arguments: Arguments) -> Json:
    """`team.info`."""
    if arguments.text("team", caller.team.team_id) != caller.team.team_id:
        raise RefusedError("team_not_found")
    about = {"id": caller.team.team_id, "name": caller.team.name, "domain": caller.team.domain}
    return {"ok": True, "team": about}


METHODS: Methods = {
    "auth.test": Method(test, (), None),
    "auth.revoke": Method(revoke, (), 3),
    "users.info": Method(user, ("users:read",), 4),
    "users.list": Method(users, ("users:read",), 2),
    "users.lookupByEmail": Method(by_email, ("users:read.email",), 3),
    "usergroups.list": Method(groups, ("usergroups:read",), 2),
    "usergroups.users.list": Method(group_members, ("usergroups:read",), 2),
    "bots.info": Method(bot, ("users:read",), 3),
    "team.info": Method(team, ("team:read",), 3),
}
