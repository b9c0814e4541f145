/*
 * trace_policies.h - digests of the policies in a trace's header.
 */
#ifndef REPORT_TRACE_POLICIES_H
#define REPORT_TRACE_POLICIES_H

#include "report/trace_read.h"

/* Fills the digests of T's policies from the bytes of the header line, in order.  The
 * digest is the XXH3-128 of the resolved policy without its name (docs/format/policy.md),
 * so a simulated policy can be seen to be the one that made a corpus.  Left empty where
 * the bytes are not in winnow's own form. */
void trace_policy_digests(struct trace *t, struct wn_str header_line);

#endif
