/// The log is fed by the notices: what is told to a listener is what stands in the log.
#pragma once

#include "log/logger.hpp"

#include <quipu/notice.hpp>

#include <functional>

namespace quipu::host {

using listener = std::function<void(const notice&)>;

/// A listener that logs and hands on to `then`, which may be empty.
listener logged(log::logger into, listener then);

}  // namespace quipu::host
