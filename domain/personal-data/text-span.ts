/** The place of a match in a text: `start` is its first character, `end` the one after its last. */
export type TextSpan = { readonly start: number; readonly end: number };
