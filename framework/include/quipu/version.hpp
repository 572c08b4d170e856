/// Which Quipu this is. The build reads the version from here.
#pragma once

/// MAJOR.MINOR.PATCH; before 1.0 another MINOR is another interface.
#define QUIPU_VERSION "0.1.0"
