/* partwise: non-negative matrix factorisation of matrices larger than one node. */
#ifndef PARTWISE_PARTWISE_H
#define PARTWISE_PARTWISE_H

#include "partwise/factorise.h"
#include "partwise/status.h"
#include "partwise/type.h"
#include "partwise/version.h"

#endif
