// libical 3.0 (Debian: libical-dev). Only its parser of content lines, components, properties and
// values is used; recurrences and zones are worked out by Timetable.
#include <libical/ical.h>
