/*
 * winnow.h - the whole public interface.
 */
#ifndef WINNOW_WINNOW_H
#define WINNOW_WINNOW_H

#include <winnow/account.h>
#include <winnow/arena.h>
#include <winnow/doc.h>
#include <winnow/flow.h>
#include <winnow/hash.h>
#include <winnow/json.h>
#include <winnow/lm.h>
#include <winnow/lmbuild.h>
#include <winnow/lmsample.h>
#include <winnow/lmscore.h>
#include <winnow/marks.h>
#include <winnow/mix.h>
#include <winnow/policy.h>
#include <winnow/reader.h>
#include <winnow/record.h>
#include <winnow/report.h>
#include <winnow/rng.h>
#include <winnow/rules.h>
#include <winnow/sim.h>
#include <winnow/sweep.h>
#include <winnow/sink.h>
#include <winnow/status.h>
#include <winnow/str.h>
#include <winnow/suggest.h>
#include <winnow/tagger.h>
#include <winnow/tails.h>
#include <winnow/text.h>
#include <winnow/version.h>
#include <winnow/watermark.h>

#endif
