"""One file a command: the function or the group `command` in it becomes `tertulia NAME`."""
