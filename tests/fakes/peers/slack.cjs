// An app of Slack's own SDK: it answers mentions in a stream, commands and buttons.
const { App } = require("@slack/bolt");
const { API, APP_TOKEN, BOT_TOKEN } = process.env;

const app = new App({
  token: BOT_TOKEN,
  appToken: APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: API },
});

app.event("app_mention", async ({ event, client, context }) => {
  const where = { channel: event.channel, thread_ts: event.ts };
  await client.assistant.threads.setStatus({
    channel_id: event.channel, thread_ts: event.ts, status: "is thinking",
  });
  const stream = await client.chat.startStream({
    ...where, recipient_user_id: event.user, recipient_team_id: context.teamId,
  });
  const task = { type: "task_update", id: "1", title: "Searching", status: "complete" };
  const text = { type: "markdown_text", text: "You have **27** days." };
  await client.chat.appendStream({ channel: event.channel, ts: stream.ts, chunks: [task, text] });
  const button = {
    type: "button", action_id: "why", value: "1", text: { type: "plain_text", text: "Why?" },
  };
  const blocks = [{ type: "actions", elements: [button] }];
  await client.chat.stopStream({ channel: event.channel, ts: stream.ts, blocks });
});

app.command("/ask", async ({ ack, command }) => ack(`You asked: ${command.text}`));
app.action("why", async ({ ack, respond }) => {
  await ack();
  await respond({ response_type: "ephemeral", text: "Because." });
});

process.stdin.on("end", () => app.stop().then(() => process.exit(0)));
process.stdin.resume();
app.start();
