#include "segment.h"

bool segment_wanted(const char *how, const struct wn_doc *doc)
{
    return strcmp(how, "sentences") == 0 && doc->n_lines == 0;
}

void segment_lines(struct wn_str text, struct wn_buf *out)
{
    struct wn_str sentence;
    size_t pos = 0;

    while (wn_sentence_next(text, &pos, &sentence)) {
        for (size_t i = 0; i < sentence.len; i++)
            wn_buf_addc(out, sentence.ptr[i] == '\n' ? ' ' : sentence.ptr[i]);
        wn_buf_addc(out, '\n');
    }
}
