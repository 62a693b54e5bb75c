/* The registry of methods: one line a method. update/registry.c turns it into functions, the options
 * table into choices and help.
 *
 * X(name, monotone, revives, copies of W, what it is)
 *   monotone  the objective never rises
 *   revives   a component that has died (all zeros on one side) comes back once the other side is positive
 *   copies    copies of the distributed factor that the method keeps, for the memory estimate
 */
#ifndef PW_BASE_METHODS_H
#define PW_BASE_METHODS_H

#define PW_METHODS(X)                                                                              \
    X(hals, true, true, 1, "hierarchical alternating least squares, with repeated inner updates")  \
    X(mu, true, false, 1, "multiplicative updates")

#endif
