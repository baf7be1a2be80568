/** From the first character of what was found to the one after it. */
export type TextSpan = { readonly start: number; readonly end: number };
