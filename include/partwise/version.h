/* The version of partwise, as `partwise --version` and every result state it. */
#ifndef PARTWISE_VERSION_H
#define PARTWISE_VERSION_H

#ifndef PW_VERSION
#define PW_VERSION "0.1.0"
#endif

#endif
