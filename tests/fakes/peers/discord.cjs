// A bot of discord.js: it answers mentions in a thread, a command that is deferred, and a button.
const {
  ActionRowBuilder, ButtonBuilder, ButtonStyle, Client, Events, GatewayIntentBits, MessageFlags,
} = require("discord.js");
const { API, TOKEN } = process.env;

const { Guilds, GuildMessages } = GatewayIntentBits;
const client = new Client({
  intents: [Guilds, GuildMessages],
  rest: { api: API.replace(/\/v10$/, ""), version: "10" },
});

client.once(Events.ClientReady, async () => {
  const question = { type: 3, name: "question", description: "What?", required: true };
  await client.application.commands.set([
    { name: "ask", description: "Ask", options: [question] },
  ]);
});

client.on(Events.MessageCreate, async (message) => {
  if (message.author.bot || !message.mentions.has(client.user)) return;
  const thread = await message.startThread({ name: "Leave" });
  const button = new ButtonBuilder()
    .setCustomId("why").setLabel("Why?").setStyle(ButtonStyle.Secondary);
  const shown = await thread.send("Searching");
  const components = [new ActionRowBuilder().addComponents(button)];
  await shown.edit({ content: "You have 27 days.", components });
});

client.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isButton()) {
    await interaction.reply({ content: "Because.", flags: MessageFlags.Ephemeral });
  } else if (interaction.isChatInputCommand()) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await interaction.editReply(`You asked: ${interaction.options.getString("question")}`);
  }
});

process.stdin.on("end", () => client.destroy().then(() => process.exit(0)));
process.stdin.resume();
client.login(TOKEN);
