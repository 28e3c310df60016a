"""Pictures of what people see on Slack and Discord, drawn from what was really sent there."""
