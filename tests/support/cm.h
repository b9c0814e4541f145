/*
 * cm.h - cmocka with the headers it wants before it.
 */
#ifndef WINNOW_TEST_CM_H
#define WINNOW_TEST_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif
