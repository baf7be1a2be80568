// What an event id may be. By itself, because functions that only look for ids need no schemas.

/** Printable ASCII without the space and without `/ \ % # ?`, which would break paths and keys. */
export const eventIdPattern = /^[!"$&-.0->@-[\]-~]{1,128}$/;
export const isEventId = (text: string): boolean => eventIdPattern.test(text);
