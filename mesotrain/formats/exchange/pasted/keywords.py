"""The words that people write beside their questions, in six languages, and what each says."""

import re
import unicodedata

ANSWER, REASON, CITED, POINTS, TITLE, ASIDE = "answer", "reason", "cited", "points", "title", "aside"
"""What a label at the beginning of a line says that the rest of it is."""

_LABELS = {
    ANSWER: """
        answer, answers, ans, key, keys, answer key, correct, correct answer, correct answers, correct option,
        correct options, correct choice, correct response, right answer, right answers, best answer, solution, solutions
        correct order, right order, correct sequence, correct matches, correct pairs
        respuesta, respuestas, respuesta correcta, respuestas correctas, resp, clave, clave de respuestas, correcta,
        opcion correcta, solucion, soluciones, orden correcto, secuencia correcta
        reponse, reponses, reponse correcte, reponses correctes, bonne reponse, bonnes reponses, reponse exacte, rep,
        corrige, cle, cle de correction, ordre correct, bon ordre
        antwort, antworten, richtige antwort, richtige antworten, korrekte antwort, korrekte antworten, losung,
        losungen, losungsschlussel, richtig, richtige reihenfolge
        risposta, risposte, risposta corretta, risposte corrette, risposta esatta, risposte esatte, risposta giusta,
        soluzione, soluzioni, chiave, ordine corretto, sequenza corretta
        resposta, respostas, resposta correta, respostas corretas, resposta certa, gabarito, solucao, chave,
        alternativa correta, ordem correta, sequencia correta
    """,
    REASON: """
        explanation, rationale, feedback, reason, why, comment, comments, justification, discussion, general feedback
        explicacion, justificacion, retroalimentacion, razon, comentario, comentarios, fundamento
        explication, commentaire, commentaires, retroaction
        erklarung, begrundung, erlauterung, kommentar, ruckmeldung
        spiegazione, commento, motivazione, giustificazione
        explicacao, justificativa, justificacao
    """,
    CITED: "reference, references, source, sources, cites, referencia, fuente, quelle, quellen, fonte, literatur",
    POINTS: "points, point, marks, mark, score, pts, puntos, puntuacion, punkte, punti, punteggio, pontos, pontuacao",
    TITLE: "title, titulo, titre, titel, titolo",
    ASIDE: """
        topic, category, chapter, section, subject, difficulty, level, bloom, objective, learning objective, tag, tags,
        type, question type, time, author, tema, categoria, dificultad, nivel, objetivo, sujet, categorie, chapitre,
        difficulte, niveau, objectif, thema, kategorie, kapitel, schwierigkeit, argomento, difficolta, livello,
        obiettivo, assunto, dificuldade
    """,
}
_ASKED = "question, q, item, pregunta, frage, domanda, quesito, pergunta, questao"
_TRUE = "true, t, verdadero, v, vrai, wahr, w, richtig, r, vero, verdadeiro, correct, right"
_FALSE = "false, f, falso, faux, falsch, wrong, incorrect"
_RIGHT = """
    correct, correct answer, right, right answer, key, answer, correcto, correcta, respuesta correcta, correcte, exact,
    juste, bonne reponse, richtig, richtige antwort, korrekt, corretto, corretta, esatto, esatta, giusto, giusta,
    correto, correta, certo, certa
"""
_ORDER = re.compile(
    r"\b(?:orders?|sequences?|arrange|rank|orden\w*|secuencia|ordre|ordonne[rz]|reihenfolge|ordin[ae]\w*|sequenza|ordem"
    r"|sequencia)\b"
)
_MATCH = re.compile(
    r"\b(?:match\w*|pair|connect|relacion[ae]\w*|empareje?\w*|asoci[ae]\w*|associe[rz]?|relie[rz]?|apparie[rz]?"
    r"|ordnen? .* zu|zuordn\w*|verbinden?|abbin[ae]\w*|associ[ae]\w*|colleg[ah]\w*|ligue)\b"
)
_BLANK = re.compile(r"_{3,}|\.{5,}|\u2026{2,}")


def _words(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"[,\n]", text) if one.strip()]


LABELS = {word: says for says, text in _LABELS.items() for word in _words(text)}
ASKED, RIGHT = frozenset(_words(_ASKED)), frozenset(_words(_RIGHT))
TRUE, FALSE = frozenset(_words(_TRUE)), frozenset(_words(_FALSE))
EITHER = frozenset(word for word in TRUE | FALSE if len(word) > 3)
"""Words that say by themselves that something is true or false."""

IS = r"is|are|es|son|est|sont|ist|sind|lautet|\u00e8|sono|\u00e9|s\u00e3o"
AND = r"and|y|et|und|e|&|\+|,|;|/"
OR = r"or|o|ou|oder|oppure"
_ARTICLE = re.compile(r"^(?:the|la|las|el|le|les|die|der|il|o|a|as) ")


def folded(text: str) -> str:
    """A word as it is compared: without capitals, accents and the brackets of “answer(s)”."""
    bare = unicodedata.normalize("NFD", text.replace("(s)", "s").casefold())
    bare = "".join(char for char in bare if not unicodedata.combining(char))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())


def label(text: str) -> str:
    """What the words before a colon say, if they are known: one of the above; their article does not count."""
    return LABELS.get(_ARTICLE.sub("", folded(text)), "")


def verdict(text: str) -> bool | None:
    """Whether a text says that something is true, or that it is false; None where it says neither."""
    word = folded(text)
    return True if word in TRUE else False if word in FALSE else None


def has_blank(text: str) -> bool:
    """Whether a text leaves room for a word."""
    return bool(_BLANK.search(text))


def asks_for_order(text: str) -> bool:
    """Whether a stem wants something put in order."""
    return bool(_ORDER.search(folded(text)))


def asks_for_matches(text: str) -> bool:
    """Whether a stem wants something matched."""
    return bool(_MATCH.search(folded(text)))
