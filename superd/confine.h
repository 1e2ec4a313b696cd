/* What a process that talks with strangers can do without, besides its
 * rights. */
#ifndef SUPERD_CONFINE_H
#define SUPERD_CONFINE_H

/* It opens no file any more: landlock(7), where the kernel has it. */
void	confine_files(void);
/* ... and starts no process. */
void	confine_alone(void);

#endif
