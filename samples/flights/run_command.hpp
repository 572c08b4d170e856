/// `flights run`: the load as a process of its own, which tells whoever watches it how far it is. It keeps the tables, too.
///
/// With --report it writes lines to that file (a pipe, mostly), each before it goes on:
///
///     opened TOOK_MS SNAPSHOTS EVENTS EVENTS_A_SECOND     the runtime serves; what its recovery loaded and replayed
///     followed PROJECTION LAG_EVENTS LAG_MS BACKLOG       how far a projection is, every now and then
///     answered CONFIRMED US US …                          all movements before CONFIRMED are done; latencies
///     done RECORDED REPEATS FORGOTTEN                     all movements are, and the tables have them
#pragma once

namespace samples {

/// Arguments as main() gets them, after the word `run`. Returns the exit code: 0 done, 1 failed, 2 wrong
/// usage, 3 could not open or read.
int run_command(int argc, char** argv);

}  // namespace samples
