# What Tertulia says in English. Every message stands in es.ftl too.

searching = Searching our knowledge …
doing = One moment, I am doing it …
found = Found: { $titles }
reading-more = That was not enough; I am reading more …

i-do-not-know = I do not know: I found nothing in our knowledge that answers this.
i-found-no-support = I do not know: I found pages on the subject, but none of them holds the answer.
nearest = The nearest pages are: { $titles }.
rights-changed = I had an answer, but while I wrote it somebody changed who may read its sources, so I keep it to myself. Please ask again.
more-in-private = I may know more about this in private: just write to me directly.
which-meaning = Which do you mean: { $titles } or { $last }?
form-not-filled = I could not fill in the form. Please describe it once more.
form-fields-wrong = I could not fill in the form: I found nothing that fits these fields: { $about }. Please tell me more about them.
small-talk = Hello! Ask me something about what this team knows.
about-your-question = You asked: “{ $question }”.
older-page-says = An older page, “{ $title }”, says otherwise: “{ $quote }” { $n }.
other-page-says = Another page, “{ $title }”, says otherwise, and I cannot tell which one holds: “{ $quote }” { $n }.
picture = { $number ->
        [one] Here is the picture.
       *[other] Here are the pictures.
    }
picture-kept = Picture: { $path }
picture-not-posted = The picture is missing: I may not post files here, or it was refused. Whoever looks after me finds the reason in the log.
picture-directly = You alone have asked for it, so the picture comes as a direct message.
not-drawn = I have no picture for you: { $about }
not-drawn-said = I have no picture for you. The tool said: “{ $about }”
no-knowledge = I do not know: there is no knowledge yet. Whoever runs me can add some with “tertulia source add”.

stopped = Stopped, as you asked.
stopped-midway = I wait for it no longer, as you asked. It had begun, and may be done all the same: please look before you ask for it again.
not-for-you = Here I answer only those whom the team has named for it. Whoever runs me can tell you more.
limit-person = You have asked { $most ->
        [one] one question
       *[other] { $most } questions
    }, which is all that I may answer for one person for now. I go on in { $span }; until then I leave your questions out.
limit-channel = { $most ->
        [one] One question was
       *[other] { $most } questions were
    } asked in this channel, which is all that I may answer here for now. I go on in { $span }; until then I leave questions out.
span-minutes = { $number ->
        [one] a minute
       *[other] { $number } minutes
    }
span-hours = { $number } hours
span-days = { $number } days
too-many-waiting = Too many questions are waiting just now, so I cannot take this one. Please ask again in a few minutes.
waiting = I have your question; { $before } before it.

sources = Sources
not-answered-yet = There is no answer yet. Ask something first.
no-longer-open = Somebody has changed the sources of the last answer, or who may read them, so I do not show them. Please ask again.
no-sources = This answer names no sources.
thanks = Thank you, noted for { $reference }.
no-longer-kept = I could not note this: I no longer keep { $reference }, since its question was edited or deleted.
goodbye = See you soon.
no-such-persona = There is no persona “{ $name }”. There are: { $names }.
persona-now = From now on “{ $name }” answers you here.
chat-help =
    Ask anything. Commands:
    /why             how the last answer came about
    /sources         the last answer's sources, with quotes
    /persona NAME    talk to another persona
    /learn           whether I may learn from you
    + or -           the last answer was good, or not (you may add words)
    /help            this list
    /quit            leave
chat-welcome = Ask me something about what this team knows. /help shows what else I understand.
unknown-command = I do not know “{ $command }”. /help shows what I understand.

error-empty = Your message has no words. What would you like to know?
error-too-long = Your message has { $length } characters; I read up to { $limit }. Please shorten it.
error-deadline = I did not finish within { $seconds } seconds. Please ask again, or ask for less at once.
error-midway = I did not finish within { $seconds } seconds, and I do not know whether it is done. Please look before you ask for it again.
error-model = My language model does not answer just now, so I said nothing rather than guess. Please try again in a minute.
error-knowledge = I could not search our knowledge just now, so I did not guess. Please ask again in a minute.
error-operator = I cannot answer right now: whoever runs me must put something right first ({ $kind }).
error-unexpected = Something went wrong on my side, and it is noted in the log. Please try again.

link-removed = [link removed]
mention-removed = [mention removed]
secret-removed = [secret removed]
no-words = I did not manage to put that into words. Please ask again.
status-searching = is searching our knowledge …
status-doing = is doing it …
status-waiting = has your question; { $before ->
        [one] one is
       *[other] { $before } are
    } before it …
status-reading = is reading { $titles } …
status-reading-more = is reading more …
button-good = Good answer
button-bad = Bad answer
button-quotes = Quotes
button-why = Why?
button-share = Show to all
button-send = Send
button-close = Close
why-answer = { $reference }: persona { $persona } ({ $version }), model { $model }
why-time = Time: { $steps }
why-step = { $step ->
        [retrieve] search { $seconds } s
        [first_token] first word after { $seconds } s
        [route] need known after { $seconds } s
        [tools] tools after { $seconds } s
        [reading_more] read more after { $seconds } s
        [total] in all { $seconds } s
       *[other] { $step } { $seconds } s
    }
why-tokens = Tokens: { $read } read, { $said } written
why-incomplete = Some pages are not ready yet: they were found by their words alone.
why-reworded = Also searched for: { $question }
why-answerable = The search expected the answer in these passages with { $percent } %.
why-route = Before any model was asked, the question was taken to need: { $needs ->
        [knowledge] pages
        [tools] tools
        [both] pages and tools
        [talk] a few words in return
       *[out] what nobody here can know
    } ({ $percent } %).
why-tool = Tool: { $call }: { $outcome }, { $seconds } s
tool-outcome = { $outcome ->
        [done] done
        [failed] failed
        [unconfirmed] not confirmed
        [declined] not wanted
        [late] confirmed too late
        [unknown] broken off
        [postponed] not yet
       *[other] refused
    }
act = { $outcome ->
        [unconfirmed] Shall I do this? Nothing is done until you say yes, within ten minutes:
        [done] Done:
        [failed] This did not work:
        [declined] Not done, as you wish:
        [late] Not done: you were asked more than ten minutes ago. Ask me again if you still want it:
        [postponed] I do one thing at a time. Ask me for this afterwards:
        [unknown] It broke off while I did this, and I do not know whether it is done. Please look before you ask for it again:
       *[other] Not done: it is no longer possible here, or something about it has changed. Ask me again if you still want it:
    }
tool-fault = { $fault ->
        [too-long] It did not answer in time.
        [no-text] It gave something that I cannot read.
        [no-picture] What came is no picture that I can show: PNG, JPEG or WebP, neither tiny nor huge.
        [arguments] I did not manage to ask for it in the right form. Please say it once more in other words.
        [nothing] It gave nothing.
        [unseen] There is a password or key in it, or what looks like one. I do not show these, and nobody should confirm what they do not see.
       *[broken] It failed; whoever runs me finds out why in the log.
    }
tool-no-help = I asked the tool `{ $tool }` for this. { $about }
tool-no-help-said = I asked the tool `{ $tool }` for this, which says:
act-final = This cannot be taken back.
act-said = What came back:
act-outward = I would only look something up with it, and change nothing. But whoever answers there would read what stands above, and not all of that is from you.
act-tainted = I came to this after reading what others have written. Look closely whether it is what you want.
act-in-chat = Nothing is done. To be able to say yes, ask for it in `tertulia chat`.
act-again = You were asked this before, and have not decided it:
act-prompt = Say yes or no.
act-not-yours = Only whoever asked me can decide this.
act-over = This was decided already, or it is too long ago.
button-yes = Yes, do it
button-no = No
why-passages = Passages, with their score (* cited):
why-no-passages = No passages were found.
why-title = Why this answer
quotes-title = Sources
one-moment = One moment …
window-not-opened = I could not open a window just now. Please press once more.
window-cut = There is more than a window can hold; the rest is left out.
answer-not-open = I do not show this: I keep no such answer, its sources have changed since, or not everything in them is open to you.
not-for-all = I keep this between us: not everybody here may open its sources, or they have changed since.
invite-me = I cannot write here yet. Please invite me into this channel.
invite-me-to-read = I cannot read this thread yet. Please invite me into this channel.
share-later = I could not post it just now: Slack wants me to wait. Please press again in a minute.
slack-may-not-write = Slack does not let me write where you asked: the channel is archived, perhaps, or only some may write there. Whoever looks after it can change that. Here I answer you alone.
stop-not-yours = Only whoever has asked, or who looks after me, can stop this answer.
feedback-title = What was wrong?
feedback-reason = What was wrong with the answer?
feedback-wrong = It is wrong
feedback-outdated = It is outdated
feedback-not-allowed = I should not have seen this
feedback-style = How it is said
feedback-other = Something else
feedback-better = What would be right?
ask-about-title = Ask about this
ask-about-cut = The message is long: I read its first { $most } characters.
ask-about-question = What would you like to know?
summarise-title = Summarise this thread
have-your-question = I have your question and am searching: “{ $question }”. You alone will see the answer.
known-sources = I read these sources for you:
personas = Here “{ $here }” answers. There are: { $names }. Choose one with /persona NAME.
admins-only = Only those who look after me may do that.
no-such-source = There is no source “{ $name }”. There are: { $names }.
refreshing = I am reading these sources anew: { $names }.
refreshing-nothing = There are no sources that I could read anew.
learn-not-here = I learn nothing from what people write here: whoever looks after me has not agreed to it.
learn-agrees = You have agreed: what you ask me, what I answer and how you rate it may become rows that I learn from, in channels that agree, without names. /learn off takes that back and forgets what came from you.
learn-agrees-not = I learn nothing from you. With /learn on you agree, from now on: what you ask me, what I answer and how you rate it may become rows that I learn from, in channels that agree. Names, numbers and secrets are taken out first, and a person looks at each row.
learn-on = Thank you. From now on your questions, my answers to you and your ratings may become rows that I learn from, in channels that agree; names, numbers and secrets are taken out first. /learn off takes it back.
learn-off = I learn nothing from you any more. { $count ->
        [0] There was nothing that came from you.
        [one] One row that came from you is forgotten.
       *[other] { $count } rows that came from you are forgotten.
    }
learn-curating = You decide what I learn: /learn examples, /learn show ID, /learn approve ID (and what is right, in your words), /learn reject ID.
learn-curators-only = Only those who decide what I learn may do that.
learn-none-waiting = Nothing waits for you.
learn-waiting = { $count ->
        [one] One row waits for somebody to look at it:
       *[other] { $count } rows wait for somebody to look at them:
    }
learn-no-such = There is no row “{ $name }” for you. /learn examples shows those that wait.
learn-say-better = People disliked the answer of { $name }, and nobody has said what is right. Say it: /learn approve { $name } and then the right answer.
learn-asked = Asked: { $text }
learn-to-learn = To be learnt: { $text }
learn-given = The answer was: { $text }
learn-doubts = Look twice: { $doubts }
learn-decide = /learn approve { $name }, or /learn reject { $name }
learn-approved = { $name } may be learnt.
learn-rejected = { $name } is not learnt.
command-failed = That did not work: { $reason }
slack-help =
    I answer from what this team has written down, and say where it stands.
    - Mention me in a channel, or write to me directly. In a thread with me you need no further mention.
    - /ask QUESTION: you alone see the answer, and may show it to all
    - /sources: what my last answer here rests on, with quotes
    - /persona NAME: choose who answers you here
    - /learn: whether I may learn from you
    - /refresh: read the sources anew (for those who look after me)
    - /help: this list
    Below each answer: the quotes behind it, how it came about, and whether it was good.
ask-about-description = Ask Tertulia about this message
summarise-description = Have this thread summarised
app-description = Answers from what your team has written down, and says where it stands. An automated assistant.
command-ask = Ask; you alone see the answer
command-ask-hint = QUESTION
command-sources = What the last answer rests on, with quotes
command-sources-hint = T-7Q2M
command-persona = Choose who answers you here
command-persona-hint = NAME
command-refresh = Read sources anew (admins)
command-refresh-hint = SOURCE
command-learn = Whether I may learn from you
command-learn-hint = on|off
command-help = What I understand
command-help-hint = -
reminder = You asked me to remind you: { $what }
reminder-late = You asked me to remind you on { $when }, and I was not running then: { $what }
told-late = This was on { $when }, and nobody was there to post it.
told-alarm = **Alarm** of { $job }: { $message }
told-run = **What I learnt this week.** Rows to learn from: { $learnt_from }; rows that only measure: { $measuring }; left out: { $left_out }.
told-run-triage = What would put right the answers that people did not like:
told-run-none = No candidate, because: { $why }
told-run-besides = Nothing else, because: { $why }
told-run-serves = **{ $name }** serves from now on. Rules that hold: { $rules } of { $rules }.
told-run-passed = **{ $name }** has passed the gate (rules that hold: { $rules } of { $rules }) and is now: { $state }. What it waits for: `tertulia learn status`.
told-run-refused = **{ $name }** was refused. Rules that do not hold: { $failed } of { $rules }. What serves now goes on serving.
told-run-rule = { $name }: { $measured }. Wanted: { $rule }.
told-run-missing = Questions that are missing: { $count }.
told-run-more = and more of them: { $count }. All: `tertulia learn status`
told-run-failed = **What I learnt this week:** nothing, since the run failed. { $why }
this-thread = This thread
summarise-question = What was this thread about, what was decided, and what is open?
attached-question = What does this file say, in short?
attached-closed = I could not open “{ $name }”: I have no right to it.
attached-not-read = I could not read “{ $name }”: there is no text in it that I understand.
attached-too-large = I did not read “{ $name }”: it is larger than 20 MB.
attached-too-many = I did not read “{ $name }”: I read up to 5 files at once.
attached-unknown = I did not read “{ $name }”: I know PDF, Word, PowerPoint, Excel, CSV, HTML, Markdown and text.
home-title = What I can do for you
prompts-title = You could ask me, for instance:
prompt-newcomer = What should a newcomer read first?
prompt-help = Who helps me with access and devices?
prompt-time-off = How do I take time off?
installed = Tertulia is in your workspace now. You can close this page, invite it into a channel (/invite) and mention it there.
install-old = This page is no longer good: it was opened too long ago, in another browser, or twice. Please begin again.
install-declined = Nothing was installed, since Slack did not get your consent. Begin again whenever you like.
install-refused = Slack did not accept this installation. Please begin again; if that does not help, whoever runs Tertulia finds the reason in its log.
install-not-allowed = This Tertulia is not for your workspace, and keeps nothing of it. Whoever runs it can name your workspace in SLACK_TEAMS.
install-later = That did not work just now. Please begin again in a few minutes.

# Discord
button-stop = Stop
nothing-to-stop = This is not being answered any longer.
discord-menu-again = I no longer have that message at hand. Please open its menu once more.
discord-may-not-write = I am not allowed to write where you asked. Whoever looks after the server can change that. Here I answer you alone.
discord-not-in-groups = I do not answer in groups, where I cannot know who reads along. Please write to me alone, or ask in a channel of your server.
discord-no-thread = There is no thread here. Open the menu of a message in one.
discord-cannot-read = I may not read what people say to each other here, so I cannot summarise it. Whoever runs me can allow it (DISCORD_MESSAGE_CONTENT).
discord-ask = ask
discord-ask-description = Ask what this team knows
discord-ask-question-name = question
discord-ask-question = What would you like to know?
discord-ask-visible-name = visible
discord-ask-visible = Who sees the answer
discord-ask-only-me = Only me
discord-ask-for-all = Everybody here
discord-sources = sources
discord-sources-description = The sources of the last answer, with quotes
discord-sources-answer-name = answer
discord-sources-answer = The name of another answer, such as T-7Q2M
discord-persona = persona
discord-persona-description = Choose who answers you here
discord-persona-name = Who is to answer
discord-refresh = refresh
discord-refresh-description = Bring the knowledge up to date (for admins)
discord-refresh-source-name = source
discord-refresh-source = One source; all of them without a name
discord-learn = learn
discord-learn-description = Whether I may learn from you
discord-learn-what = on or off; nothing shows how it stands
discord-help = help
discord-help-description = What I understand
discord-menu-ask = Ask about this
discord-menu-summarise = Summarise this thread
discord-help-text =
    Mention me in a channel, or write to me directly. I answer from what this team knows, with my sources.
    • **/ask** a question, for you alone or for everybody here
    • **/sources** what the last answer rests on, with quotes
    • **/persona** choose who answers you here
    • **/learn** whether I may learn from you
    • **/refresh** bring the knowledge up to date (for admins)
    In the menu of a message, under Apps: ask about it.
    Below an answer: tell me whether it helped, and why I said it.

# Triage
triage-head = { $count } questions of { $set } were looked into.
triage-nothing-wrong = All of them are answered rightly by now. Nothing has to be changed.
triage-best = What would help this team most: { $way }. That puts { $count } of { $failing } failing questions right.
triage-best-none = None of the four ways (prompt, retrieval, tools, tuning) would help with the { $failing } failing questions as things stand.
triage-or = , or just as much{ " " }
triage-way-prompt = another prompt
triage-way-retrieval = a better search
triage-way-tools = tools that are called when they are needed
triage-way-tuning = a tuned model
triage-ingest = Add the missing knowledge: for { $count } of them no passage holds the answer. Training would not help there; it would teach the model to invent.
triage-distil = A prompt puts { $count } of them right. So many may be taught to the model instead, which then reads less (context distillation).
triage-fixed = right by now
triage-rights = the asker may not read what holds the answer: look at who may read it, or leave it as it is
triage-knowledge = no passage that the asker may read holds the answer: add the page
triage-prompt = another prompt puts it right
triage-budget = the passage was cut off: cut passages or pack the prompt in another way
triage-tool = a tool was needed and not called: describe the tool better, then teach the router
triage-retrieval = the passage was found too late: a reranker, then a tuned retriever
triage-distractors = other passages led the model astray: search only when needed, learn to ignore them
triage-tuning = no change of the surroundings helps: tune the model on the corrections
triage-preference = it is right, and people dislike it: learn what they prefer
triage-weak = too much for this model: a larger one is needed
triage-missing-corrections = { $count } more approved corrections of this kind, and the model could be tuned
triage-missing-labels = { $count } more opinions are needed before a taste can be learnt
triage-missing-voters = { $count } more people have to give one before a taste can be learnt
triage-more = ... and { $count } more, in cases.jsonl
triage-left-out = Left out: { $name }: { $why }
triage-kept = Kept in { $folder }
