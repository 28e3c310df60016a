# Lo que dice Tertulia en español. Cada mensaje está también en en.ftl.

searching = Busco en nuestro conocimiento …
doing = Un momento, lo estoy haciendo …
found = Encontré: { $titles }
reading-more = No ha bastado; sigo leyendo …

i-do-not-know = No lo sé: no encontré nada en nuestro conocimiento que responda a esto.
i-found-no-support = No lo sé: encontré páginas sobre el tema, pero ninguna contiene la respuesta.
nearest = Las páginas más cercanas son: { $titles }.
rights-changed = Tenía una respuesta, pero mientras la escribía cambió quién puede leer sus fuentes, así que me la guardo. Pregunta otra vez, por favor.
more-in-private = Puede que en privado sepa algo más sobre esto: escríbeme directamente.
which-meaning = ¿A qué te refieres: { $titles } o { $last }?
form-not-filled = No pude rellenar el formulario. Descríbelo otra vez, por favor.
form-fields-wrong = No pude rellenar el formulario: no encontré nada que sirva para estos campos: { $about }. Cuéntame más sobre ellos, por favor.
small-talk = ¡Hola! Pregúntame algo sobre lo que sabe este equipo.
about-your-question = Preguntaste: «{ $question }».
older-page-says = Una página más antigua, «{ $title }», dice otra cosa: «{ $quote }» { $n }.
other-page-says = Otra página, «{ $title }», dice otra cosa, y no sé cuál vale: «{ $quote }» { $n }.
picture = { $number ->
        [one] Aquí está la imagen.
       *[other] Aquí están las imágenes.
    }
picture-kept = Imagen: { $path }
picture-not-posted = Falta la imagen: no puedo publicar archivos aquí, o la rechazaron. Quien me cuida encuentra el motivo en el registro.
picture-directly = Lo pediste a solas, así que la imagen llega por mensaje directo.
not-drawn = No tengo imagen para ti: { $about }
not-drawn-said = No tengo imagen para ti. La herramienta dijo: «{ $about }»
no-knowledge = No lo sé: todavía no hay conocimiento. Quien me administra puede añadirlo con «tertulia source add».

stopped = Me detengo, como pediste.
stopped-midway = Ya no espero, como pediste. Había empezado y puede que esté hecho: compruébalo antes de volver a pedirlo.
not-for-you = Aquí solo respondo a quienes el equipo ha indicado. Quien me administra puede decirte más.
limit-person = Has hecho { $most ->
        [one] una pregunta
       *[other] { $most } preguntas
    }, que es todo lo que puedo responder por ahora a una misma persona. Sigo dentro de { $span }; hasta entonces dejo tus preguntas sin responder.
limit-channel = En este canal se { $most ->
        [one] ha hecho una pregunta
       *[other] han hecho { $most } preguntas
    }, que es todo lo que puedo responder aquí por ahora. Sigo dentro de { $span }; hasta entonces dejo las preguntas sin responder.
span-minutes = { $number ->
        [one] un minuto
       *[other] { $number } minutos
    }
span-hours = { $number } horas
span-days = { $number } días
too-many-waiting = Ahora mismo esperan demasiadas preguntas y no puedo aceptar esta. Vuelve a preguntar dentro de unos minutos.
waiting = Tengo tu pregunta; hay { $before } antes.

sources = Fuentes
not-answered-yet = Todavía no hay respuesta. Pregunta algo primero.
no-longer-open = Alguien ha cambiado las fuentes de la última respuesta, o quién puede leerlas, así que no las muestro. Pregunta otra vez, por favor.
no-sources = Esta respuesta no nombra fuentes.
thanks = Gracias, anotado para { $reference }.
no-longer-kept = No he podido anotarlo: ya no guardo { $reference }, porque su pregunta se editó o se borró.
goodbye = Hasta pronto.
no-such-persona = No hay ninguna persona «{ $name }». Estas son las que hay: { $names }.
persona-now = Desde ahora te responde aquí «{ $name }».
chat-help =
    Pregunta lo que quieras. Órdenes:
    /why             cómo se llegó a la última respuesta
    /sources         las fuentes de la última respuesta, con citas
    /persona NOMBRE  hablar con otra persona
    /learn           si puedo aprender de ti
    + o -            la última respuesta fue buena, o no (puedes añadir palabras)
    /help            esta lista
    /quit            salir
chat-welcome = Pregúntame algo de lo que sabe este equipo. /help muestra qué más entiendo.
unknown-command = No conozco «{ $command }». /help muestra lo que entiendo.

error-empty = Tu mensaje no tiene palabras. ¿Qué quieres saber?
error-too-long = Tu mensaje tiene { $length } caracteres; leo hasta { $limit }. Acórtalo, por favor.
error-deadline = No terminé en { $seconds } segundos. Pregunta otra vez, o pide menos de una vez.
error-midway = No terminé en { $seconds } segundos y no sé si está hecho. Compruébalo antes de volver a pedirlo.
error-model = Mi modelo de lenguaje no responde ahora, así que no dije nada antes que adivinar. Inténtalo de nuevo en un minuto.
error-knowledge = No pude buscar en nuestro conocimiento ahora, así que no adiviné. Pregunta otra vez en un minuto.
error-operator = Ahora no puedo responder: quien me administra tiene que arreglar algo primero ({ $kind }).
error-unexpected = Algo falló de mi lado y quedó anotado en el registro. Inténtalo de nuevo.

link-removed = [enlace eliminado]
mention-removed = [mención eliminada]
secret-removed = [secreto eliminado]
no-words = No he conseguido decirlo con palabras. Pregunta otra vez, por favor.
status-searching = busca en nuestro conocimiento …
status-doing = lo está haciendo …
status-waiting = tiene tu pregunta; hay { $before } antes …
status-reading = lee { $titles } …
status-reading-more = sigue leyendo …
button-good = Buena respuesta
button-bad = Mala respuesta
button-quotes = Citas
button-why = ¿Por qué?
button-share = Mostrar a todos
button-send = Enviar
button-close = Cerrar
why-answer = { $reference }: persona { $persona } ({ $version }), modelo { $model }
why-time = Tiempo: { $steps }
why-step = { $step ->
        [retrieve] búsqueda { $seconds } s
        [first_token] primera palabra a los { $seconds } s
        [route] necesidad conocida a los { $seconds } s
        [tools] herramientas a los { $seconds } s
        [reading_more] leí más a los { $seconds } s
        [total] en total { $seconds } s
       *[other] { $step } { $seconds } s
    }
why-tokens = Tokens: { $read } leídos, { $said } escritos
why-incomplete = Algunas páginas aún no están listas: se encontraron solo por sus palabras.
why-reworded = También se buscó: { $question }
why-answerable = La búsqueda esperaba la respuesta en estos pasajes con un { $percent } %.
why-route = Antes de consultar ningún modelo, se entendió que la pregunta necesita: { $needs ->
        [knowledge] páginas
        [tools] herramientas
        [both] páginas y herramientas
        [talk] unas palabras de respuesta
       *[out] lo que aquí nadie puede saber
    } ({ $percent } %).
why-tool = Herramienta: { $call }: { $outcome }, { $seconds } s
tool-outcome = { $outcome ->
        [done] hecho
        [failed] ha fallado
        [unconfirmed] sin confirmar
        [declined] no deseado
        [late] confirmado demasiado tarde
        [unknown] interrumpido
        [postponed] todavía no
       *[other] rechazado
    }
act = { $outcome ->
        [unconfirmed] ¿Hago esto? No se hace nada hasta que digas que sí, en un plazo de diez minutos:
        [done] Hecho:
        [failed] Esto no ha funcionado:
        [declined] No lo he hecho, como deseas:
        [late] No lo he hecho: te lo pregunté hace más de diez minutos. Pídemelo otra vez si aún lo quieres:
        [postponed] Hago una cosa cada vez. Pídeme esto después:
        [unknown] Se interrumpió mientras lo hacía y no sé si está hecho. Compruébalo antes de volver a pedirlo:
       *[other] No lo he hecho: aquí ya no es posible, o algo ha cambiado. Pídemelo otra vez si aún lo quieres:
    }
tool-fault = { $fault ->
        [too-long] No respondió a tiempo.
        [no-text] Devolvió algo que no puedo leer.
        [no-picture] Lo que llegó no es una imagen que pueda mostrar: PNG, JPEG o WebP, ni diminuta ni enorme.
        [arguments] No he conseguido pedirlo en la forma debida. Dilo otra vez con otras palabras, por favor.
        [nothing] No devolvió nada.
        [unseen] Contiene una contraseña o una clave, o algo que lo parece. No las muestro, y nadie debería confirmar lo que no ve.
       *[broken] Ha fallado; quien me administra encontrará el motivo en el registro.
    }
tool-no-help = He preguntado por esto a la herramienta `{ $tool }`. { $about }
tool-no-help-said = He preguntado por esto a la herramienta `{ $tool }`, que dice:
act-final = Esto no se puede deshacer.
act-said = Esto ha respondido:
act-outward = Con esto solo consultaría algo, sin cambiar nada. Pero quien responde allí leería lo que pone arriba, y no todo lo has dicho tú.
act-tainted = He llegado a esto después de leer lo que han escrito otros. Mira bien si es lo que quieres.
act-in-chat = No se ha hecho nada. Para poder decir que sí, pídelo en `tertulia chat`.
act-again = Esto te lo pregunté antes, y aún no lo has decidido:
act-prompt = Di sí o no.
act-not-yours = Solo puede decidirlo quien me lo pidió.
act-over = Esto ya se decidió, o hace demasiado tiempo.
button-yes = Sí, hazlo
button-no = No
why-passages = Pasajes, con su puntuación (* citado):
why-no-passages = No se encontró ningún pasaje.
why-title = Por qué esta respuesta
quotes-title = Fuentes
one-moment = Un momento …
window-not-opened = Ahora no he podido abrir una ventana. Pulsa otra vez, por favor.
window-cut = Hay más de lo que cabe en una ventana; el resto se ha omitido.
answer-not-open = No muestro esto: no guardo tal respuesta, sus fuentes han cambiado, o no puedes abrir todo lo que contienen.
not-for-all = Esto queda entre nosotros: no todos aquí pueden abrir sus fuentes, o estas han cambiado.
invite-me = Aquí todavía no puedo escribir. Invítame a este canal, por favor.
invite-me-to-read = Todavía no puedo leer este hilo. Invítame a este canal, por favor.
share-later = No he podido publicarlo ahora: Slack me pide esperar. Pulsa otra vez en un minuto, por favor.
slack-may-not-write = Slack no me deja escribir donde preguntaste: quizá el canal está archivado o solo algunos pueden escribir en él. Quien lo administra puede cambiarlo. Aquí te respondo a solas.
stop-not-yours = Solo quien preguntó, o quien me cuida, puede detener esta respuesta.
feedback-title = ¿Qué estaba mal?
feedback-reason = ¿Qué estaba mal en la respuesta?
feedback-wrong = Es incorrecta
feedback-outdated = Está anticuada
feedback-not-allowed = No debería haberla visto
feedback-style = Cómo está dicha
feedback-other = Otra cosa
feedback-better = ¿Qué sería lo correcto?
ask-about-title = Preguntar sobre esto
ask-about-cut = El mensaje es largo: leo sus primeros { $most } caracteres.
ask-about-question = ¿Qué quieres saber?
summarise-title = Resumir este hilo
have-your-question = Tengo tu pregunta y estoy buscando: «{ $question }». Solo tú verás la respuesta.
known-sources = Para ti leo estas fuentes:
personas = Aquí responde «{ $here }». Hay: { $names }. Elige una con /persona NOMBRE.
admins-only = Eso solo pueden hacerlo quienes me administran.
no-such-source = No hay ninguna fuente «{ $name }». Estas son las que hay: { $names }.
refreshing = Vuelvo a leer estas fuentes: { $names }.
refreshing-nothing = No hay fuentes que pueda volver a leer.
learn-not-here = No aprendo nada de lo que se escribe aquí: quien me administra no ha dado su acuerdo.
learn-agrees = Has dado tu acuerdo: lo que me preguntas, lo que respondo y cómo lo valoras puede convertirse en filas de las que aprendo, en canales que también lo den, sin nombres. /learn off lo retira y olvida lo que vino de ti.
learn-agrees-not = No aprendo nada de ti. Con /learn on das tu acuerdo, desde ahora: lo que me preguntas, lo que respondo y cómo lo valoras puede convertirse en filas de las que aprendo, en canales que también lo den. Antes se quitan nombres, números y secretos, y una persona mira cada fila.
learn-on = Gracias. Desde ahora tus preguntas, mis respuestas y tus valoraciones pueden convertirse en filas de las que aprendo, en canales que también lo acuerden; antes se quitan nombres, números y secretos. /learn off lo retira.
learn-off = Ya no aprendo nada de ti. { $count ->
        [0] No había nada que viniera de ti.
        [one] Una fila que vino de ti queda olvidada.
       *[other] { $count } filas que vinieron de ti quedan olvidadas.
    }
learn-curating = Tú decides lo que aprendo: /learn examples, /learn show ID, /learn approve ID (y lo correcto, con tus palabras), /learn reject ID.
learn-curators-only = Solo pueden hacerlo quienes deciden lo que aprendo.
learn-none-waiting = Nada te espera.
learn-waiting = { $count ->
        [one] Una fila espera a que alguien la mire:
       *[other] { $count } filas esperan a que alguien las mire:
    }
learn-no-such = No hay ninguna fila «{ $name }» para ti. /learn examples muestra las que esperan.
learn-say-better = La respuesta de { $name } no gustó, y nadie ha dicho qué es lo correcto. Dilo: /learn approve { $name } y después la respuesta correcta.
learn-asked = Se preguntó: { $text }
learn-to-learn = Se aprendería: { $text }
learn-given = La respuesta fue: { $text }
learn-doubts = Mírala dos veces: { $doubts }
learn-decide = /learn approve { $name }, o /learn reject { $name }
learn-approved = { $name } puede aprenderse.
learn-rejected = { $name } no se aprende.
command-failed = No ha funcionado: { $reason }
slack-help =
    Respondo con lo que este equipo ha escrito, y digo dónde está.
    - Mencióname en un canal o escríbeme directamente. En un hilo conmigo no hace falta otra mención.
    - /ask PREGUNTA: solo tú ves la respuesta, y puedes mostrarla a todos
    - /sources: en qué se apoya mi última respuesta aquí, con citas
    - /persona NOMBRE: elegir quién te responde aquí
    - /learn: si puedo aprender de ti
    - /refresh: volver a leer las fuentes (para quienes me administran)
    - /help: esta lista
    Debajo de cada respuesta: sus citas, cómo se llegó a ella y si fue buena.
ask-about-description = Preguntar a Tertulia sobre este mensaje
summarise-description = Resumir este hilo
app-description = Responde con lo que tu equipo ha escrito y dice dónde está. Es un asistente automático.
command-ask = Preguntar; solo tú ves la respuesta
command-ask-hint = PREGUNTA
command-sources = En qué se apoya la última respuesta, con citas
command-sources-hint = T-7Q2M
command-persona = Elegir quién te responde aquí
command-persona-hint = NOMBRE
command-refresh = Volver a leer fuentes (administradores)
command-refresh-hint = FUENTE
command-learn = Si puedo aprender de ti
command-learn-hint = on|off
command-help = Lo que entiendo
command-help-hint = -
reminder = Me pediste este recordatorio: { $what }
reminder-late = Me pediste este recordatorio para el { $when }, y entonces no estaba en marcha: { $what }
told-late = Esto fue el { $when }, y no había nadie para publicarlo.
told-alarm = **Alarma** de { $job }: { $message }
told-run = **Lo que aprendí esta semana.** Filas de las que aprender: { $learnt_from }; filas que solo miden: { $measuring }; fuera: { $left_out }.
told-run-triage = Lo que corregiría las respuestas que no gustaron:
told-run-none = No hay candidato, porque: { $why }
told-run-besides = Nada más, porque: { $why }
told-run-serves = **{ $name }** responde desde ahora. Reglas que se cumplen: { $rules } de { $rules }.
told-run-passed = **{ $name }** ha pasado el examen (reglas que se cumplen: { $rules } de { $rules }) y está ahora en: { $state }. Qué espera: `tertulia learn status`.
told-run-refused = **{ $name }** fue rechazado. Reglas que no se cumplen: { $failed } de { $rules }. Lo que responde ahora sigue respondiendo.
told-run-rule = { $name }: { $measured }. Se pedía: { $rule }.
told-run-missing = Preguntas que faltan: { $count }.
told-run-more = y otras más: { $count }. Todas: `tertulia learn status`
told-run-failed = **Lo que aprendí esta semana:** nada, porque la ejecución falló. { $why }
this-thread = Este hilo
summarise-question = ¿De qué trató este hilo, qué se decidió y qué queda pendiente?
attached-question = ¿Qué dice este archivo, en pocas palabras?
attached-closed = No pude abrir «{ $name }»: no tengo permiso.
attached-not-read = No pude leer «{ $name }»: no contiene texto que yo entienda.
attached-too-large = No leí «{ $name }»: pesa más de 20 MB.
attached-too-many = No leí «{ $name }»: leo hasta 5 archivos a la vez.
attached-unknown = No leí «{ $name }»: conozco PDF, Word, PowerPoint, Excel, CSV, HTML, Markdown y texto.
home-title = Qué puedo hacer por ti
prompts-title = Por ejemplo, podrías preguntarme:
prompt-newcomer = ¿Qué debería leer primero alguien nuevo?
prompt-help = ¿Quién me ayuda con los accesos y los equipos?
prompt-time-off = ¿Cómo pido días libres?
installed = Tertulia ya está en tu espacio de trabajo. Puedes cerrar esta página, invitarla a un canal (/invite) y mencionarla allí.
install-old = Esta página ya no sirve: se abrió hace demasiado tiempo, en otro navegador o dos veces. Por favor, empieza de nuevo.
install-declined = No se ha instalado nada, porque Slack no tiene tu consentimiento. Empieza de nuevo cuando quieras.
install-refused = Slack no ha aceptado esta instalación. Por favor, empieza de nuevo; si no ayuda, quien administra Tertulia encuentra el motivo en su registro.
install-not-allowed = Esta Tertulia no es para tu espacio de trabajo y no guarda nada de él. Quien la administra puede nombrarlo en SLACK_TEAMS.
install-later = No ha funcionado por ahora. Por favor, empieza de nuevo en unos minutos.

# Discord
button-stop = Detener
nothing-to-stop = Esto ya no se está respondiendo.
discord-menu-again = Ya no tengo a mano ese mensaje. Abre su menú otra vez, por favor.
discord-may-not-write = No tengo permiso para escribir donde preguntaste. Quien administra el servidor puede dármelo. Aquí te respondo a solas.
discord-not-in-groups = No respondo en grupos, donde no puedo saber quién más lee. Escríbeme a solas o pregunta en un canal de tu servidor, por favor.
discord-no-thread = Aquí no hay ningún hilo. Abre el menú de un mensaje que esté en uno.
discord-cannot-read = No puedo leer lo que la gente se dice aquí, así que no puedo resumirlo. Quien me administra puede permitirlo (DISCORD_MESSAGE_CONTENT).
discord-ask = preguntar
discord-ask-description = Pregunta lo que sabe este equipo
discord-ask-question-name = pregunta
discord-ask-question = ¿Qué quieres saber?
discord-ask-visible-name = visible
discord-ask-visible = Quién ve la respuesta
discord-ask-only-me = Solo yo
discord-ask-for-all = Todos los de aquí
discord-sources = fuentes
discord-sources-description = Las fuentes de la última respuesta, con citas
discord-sources-answer-name = respuesta
discord-sources-answer = El nombre de otra respuesta, como T-7Q2M
discord-persona = persona
discord-persona-description = Elige quién te responde aquí
discord-persona-name = Quién debe responder
discord-refresh = actualizar
discord-refresh-description = Pone al día el conocimiento (para administradores)
discord-refresh-source-name = fuente
discord-refresh-source = Una fuente; todas si no dices ninguna
discord-learn = aprender
discord-learn-description = Si puedo aprender de ti
discord-learn-what = on u off; sin nada, cómo está
discord-help = ayuda
discord-help-description = Lo que entiendo
discord-menu-ask = Preguntar sobre esto
discord-menu-summarise = Resumir este hilo
discord-help-text =
    Mencióname en un canal o escríbeme directamente. Respondo con lo que sabe este equipo, con mis fuentes.
    • **/preguntar** una pregunta, solo para ti o para todos los de aquí
    • **/fuentes** en qué se basa la última respuesta, con citas
    • **/persona** elige quién te responde aquí
    • **/aprender** si puedo aprender de ti
    • **/actualizar** pone al día el conocimiento (para administradores)
    En el menú de un mensaje, en Aplicaciones: pregunta sobre él.
    Debajo de una respuesta: dime si te sirvió y por qué lo dije.

# Triaje
triage-head = Se han examinado { $count } preguntas de { $set }.
triage-nothing-wrong = Ya se responden todas bien. No hay que cambiar nada.
triage-best = Lo que más ayudaría a este equipo: { $way }. Eso corrige { $count } de las { $failing } preguntas que fallan.
triage-best-none = Ninguna de las cuatro vías (prompt, búsqueda, herramientas, ajuste) ayudaría, tal como están las cosas, con las { $failing } preguntas que fallan.
triage-or = , o en la misma medida{ " " }
triage-way-prompt = otro prompt
triage-way-retrieval = una búsqueda mejor
triage-way-tools = herramientas que se usen cuando hacen falta
triage-way-tuning = un modelo ajustado
triage-ingest = Añade el conocimiento que falta: para { $count } de ellas ningún pasaje contiene la respuesta. Entrenar no ayudaría; enseñaría al modelo a inventar.
triage-distil = Un prompt corrige { $count } de ellas. Tantas se le pueden enseñar al modelo, que después lee menos (destilación de contexto).
triage-fixed = ya está bien
triage-rights = quien pregunta no puede leer lo que contiene la respuesta: revisa quién puede leerlo, o déjalo así
triage-knowledge = ningún pasaje que pueda leer quien pregunta contiene la respuesta: añade la página
triage-prompt = otro prompt lo corrige
triage-budget = el pasaje quedó cortado: corta los pasajes o llena el prompt de otra manera
triage-tool = hacía falta una herramienta y no se usó: descríbela mejor y después enseña al enrutador
triage-retrieval = el pasaje se encontró demasiado tarde: un reordenador y después un buscador ajustado
triage-distractors = otros pasajes confundieron al modelo: busca solo cuando haga falta, aprende a no hacerles caso
triage-tuning = ningún cambio del entorno ayuda: ajusta el modelo con las correcciones
triage-preference = es correcta y no gusta: aprende lo que se prefiere
triage-weak = es demasiado para este modelo: hace falta uno mayor
triage-missing-corrections = con { $count } correcciones aprobadas más de este tipo se podría ajustar el modelo
triage-missing-labels = faltan { $count } opiniones para poder aprender un gusto
triage-missing-voters = faltan { $count } personas que opinen para poder aprender un gusto
triage-more = ... y { $count } más, en cases.jsonl
triage-left-out = Se ha dejado fuera: { $name }: { $why }
triage-kept = Guardado en { $folder }
