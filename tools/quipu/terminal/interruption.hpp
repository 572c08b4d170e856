/// Ctrl-C, a closed pipe and closed standard streams.
#pragma once

namespace quipu::tool {

/// To be called first: opens what is missing of the three standard streams (else the journal's own files
/// could get their numbers, and a message be written into them), ignores SIGPIPE (writing tells) and notes
/// SIGINT and SIGTERM.
void prepare_process();

/// Whether the program was asked to stop: finish the line and leave. Asked twice, it dies at once.
bool interrupted();

/// Ends the process by the signal that asked for it, as shells expect; returns when there was none.
void die_if_interrupted();

}  // namespace quipu::tool
