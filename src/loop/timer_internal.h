/*
 * How the loop tells a timer that its time has come.
 */
#pragma once

#include "loop/wheel.h"

void timer_expire(struct wheel_entry *entry);
