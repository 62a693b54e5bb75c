/* Which partwise this is. */
#ifndef PW_BASE_VERSION_H
#define PW_BASE_VERSION_H

/* Local. "0.1.0". */
const char *pw_version(void);

/* Local. The commit it was built from, with "-dirty" where the sources differed; "unknown" without git. */
const char *pw_commit(void);

#endif
