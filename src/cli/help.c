#include "cli.h"

#include <ctype.h>

enum { HELP_COLUMN = 30, HELP_WIDTH = 100 };

static const struct {
    enum cli_exit code;
    const char *what;
} exits[] = {
    { CLI_OK, "done" },
    { CLI_FAILED, "runtime or input/output failure" },
    { CLI_USAGE, "wrong usage: an option, policy, rule file or model does not make sense" },
    { CLI_BAD_RECORDS, "finished, but more records were bad than --max-bad allows, --strict was broken, or a budget "
                       "could not be met" },
    { CLI_DAMAGED, "an input file was damaged or unreadable; the others are done" },
    { CLI_HUP, "stopped by SIGHUP" },
    { CLI_INT, "stopped by SIGINT" },
    { CLI_PIPE, "nobody reads standard output any more" },
    { CLI_TERM, "stopped by SIGTERM" },
};

static bool ends_table(const struct cli_opt *o)
{
    return !o->name && !o->help;
}

/* Writes TEXT word-wrapped behind INDENT columns; the first line starts at COLUMN. */
static void wrap(FILE *out, const char *text, int indent, int column)
{
    while (*text) {
        size_t n = strcspn(text, " ");

        if (column > indent && column + 1 + (int)n > HELP_WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fwrite(text, 1, n, out);
        column += (int)n;
        text += n;
        text += *text == ' ';
    }
    fputc('\n', out);
}

static void option_help(FILE *out, const struct cli_opt *o)
{
    char left[80], text[600];
    int n;

    n = snprintf(left, sizeof(left), "  %c%c%s--%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
                 o->letter ? ", " : "  ", o->name, o->arg || o->choices ? " " : "",
                 o->kind == CLI_CHOICE ? o->choices : o->arg ? o->arg : "");
    snprintf(text, sizeof(text), "%s%s%s%s%s", o->help, o->kind == CLI_LIST ? " (may be given again)" : "",
             o->dflt ? " [" : "", o->dflt ? o->dflt : "", o->dflt ? "]" : "");
    fputs(left, out);
    if (n >= HELP_COLUMN - 1) {
        fputc('\n', out);
        n = 0;
    }
    fprintf(out, "%*s", HELP_COLUMN - n, "");
    wrap(out, text, HELP_COLUMN, HELP_COLUMN);
}

static void table_help(FILE *out, const struct cli_opt *o)
{
    for (; o && !ends_table(o); o++) {
        if (o->name)
            option_help(out, o);
        else
            fprintf(out, "\n%s:\n", o->help);
    }
}

void cli_help(FILE *out, const struct cli_cmd *cmd, const char *parent)
{
    fprintf(out, "Usage: %s\n\n", cmd->usage);
    if (cmd->about)
        fprintf(out, "%s\n", cmd->about);
    if (cmd->verbs) {
        fputs("\nCommands:\n", out);
        for (const struct cli_cmd *const *v = cmd->verbs; *v; v++)
            fprintf(out, "  %-10s %s\n", (*v)->name, (*v)->summary);
        fprintf(out, "\n'winnow %s COMMAND --help' lists the options of each.\n", cmd->name);
    } else {
        if (cmd->opts && cmd->opts->name)
            fputs("\nOptions:\n", out);
        table_help(out, cmd->opts);
        table_help(out, cli_common_opts);
    }
    if (cmd->examples)
        fprintf(out, "\nExamples:\n%s\n", cmd->examples);
    fprintf(out, "\nManual page: winnow-%s(1)\n", parent && *parent ? parent : cmd->name);
}

void cli_help_top(FILE *out)
{
    fputs("Usage: winnow COMMAND [options]\n\n"
          "Tell human text from machine text at corpus scale, mix the two under written policies,\n"
          "and measure what each policy does to the models trained on the result.\n\nCommands:\n", out);
    for (const struct cli_cmd *const *c = cli_commands; *c; c++)
        fprintf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
    fputs("\n'winnow COMMAND --help' explains each; 'winnow demo' runs the whole path.\n"
          "'winnow --version' prints the version.\n", out);
}

/* ---- man(7) ------------------------------------------------------------------------ */

/* Text for roff: backslashes and hyphens escaped, no line starts with a control. */
static void roff(FILE *out, const char *text)
{
    bool line_start = true;

    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
        line_start = *text == '\n';
    }
}

static void man_option(FILE *out, const struct cli_opt *o)
{
    const char *arg = o->kind == CLI_CHOICE ? o->choices : o->arg;

    fputs(".TP\n", out);
    fputs("\\fB", out);
    if (o->letter)
        fprintf(out, "\\-%c\\fR, \\fB", o->letter);
    fputs("\\-\\-", out);
    roff(out, o->name);
    fputs("\\fR", out);
    if (arg) {
        fputs(" \\fI", out);
        roff(out, arg);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    roff(out, o->help);
    if (o->kind == CLI_LIST)
        fputs(" (may be given again)", out);
    if (o->dflt) {
        fputs(" [", out);
        roff(out, o->dflt);
        fputc(']', out);
    }
    fputc('\n', out);
}

static void man_table(FILE *out, const struct cli_opt *o)
{
    for (; o && !ends_table(o); o++) {
        if (o->name) {
            man_option(out, o);
        } else {
            fputs(".SS ", out);
            roff(out, o->help);
            fputc('\n', out);
        }
    }
}

/* Paragraphs are separated by empty lines. */
static void man_paragraphs(FILE *out, const char *text)
{
    while (text && *text) {
        const char *end = strstr(text, "\n\n");
        char part[4096];
        size_t n = end ? (size_t)(end - text) : strlen(text);

        n = n < sizeof(part) ? n : sizeof(part) - 1;
        memcpy(part, text, n);
        part[n] = 0;
        roff(out, part);
        fputc('\n', out);
        text = end ? end + 2 : NULL;
        if (text)
            fputs(".PP\n", out);
    }
}

static void man_header(FILE *out, const char *page, const char *summary)
{
    fprintf(out, ".\\\" made from the option tables by 'make docs'; do not edit\n.TH %s 1 \"%s\" \"winnow %s\" \"winnow\"\n",
            page, WN_RELEASE_DATE, wn_version());
    fprintf(out, ".SH NAME\n");
    for (const char *p = page; *p; p++)
        fputs(*p == '-' ? "\\-" : (char[]){ (char)tolower((unsigned char)*p), 0 }, out);
    fputs(" \\- ", out);
    roff(out, summary);
    fputc('\n', out);
}

static void man_exit(FILE *out)
{
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
        fprintf(out, ".TP\n%d\n", exits[i].code);
        roff(out, exits[i].what);
        fputc('\n', out);
    }
}

static void man_examples(FILE *out, const char *examples)
{
    if (!examples)
        return;
    fputs(".SH EXAMPLES\n.nf\n", out);
    roff(out, examples);
    fputs("\n.fi\n", out);
}

static void man_usage(FILE *out, const char *usage)
{
    fputs(".B ", out);
    roff(out, usage);
    fputc('\n', out);
}

void cli_man(FILE *out, const struct cli_cmd *cmd)
{
    char page[64];

    snprintf(page, sizeof(page), "WINNOW-%s", cmd->name);
    for (char *p = page; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    man_header(out, page, cmd->summary);
    fputs(".SH SYNOPSIS\n", out);
    if (!cmd->verbs)
        man_usage(out, cmd->usage);
    for (const struct cli_cmd *const *v = cmd->verbs; v && *v; v++) {
        man_usage(out, (*v)->usage);
        if (v[1])
            fputs(".br\n", out);
    }
    fputs(".SH DESCRIPTION\n", out);
    man_paragraphs(out, cmd->about);
    if (cmd->verbs) {
        for (const struct cli_cmd *const *v = cmd->verbs; *v; v++) {
            fputs(".SH ", out);
            for (const char *p = (*v)->name; *p; p++)
                fputc(toupper((unsigned char)*p), out);
            fputc('\n', out);
            man_paragraphs(out, (*v)->about);
            man_table(out, (*v)->opts);
        }
        fputs(".SH OPTIONS OF ALL\n", out);
    } else {
        fputs(".SH OPTIONS\n", out);
        man_table(out, cmd->opts);
    }
    man_table(out, cli_common_opts);
    man_exit(out);
    man_examples(out, cmd->examples);
    fputs(".SH SEE ALSO\n.BR winnow (1)\n", out);
}

void cli_man_top(FILE *out)
{
    man_header(out, "WINNOW", "tell human text from machine text, mix the two, measure what it does");
    fputs(".SH SYNOPSIS\n.B winnow\n.I COMMAND\n.RI [ options ]\n.SH DESCRIPTION\n"
          "One path: documents are tagged human, synthetic or unknown with reasons, mixed under a written policy, and the\n"
          "same policy is simulated over generations of models; the report shows what it bought.\n.SH COMMANDS\n", out);
    for (const struct cli_cmd *const *c = cli_commands; *c; c++) {
        fprintf(out, ".TP\n.BR winnow\\-%s (1)\n", (*c)->name);
        roff(out, (*c)->summary);
        fputc('\n', out);
    }
    man_exit(out);
}
