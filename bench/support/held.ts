/** A figure that is held against a bar. */
export type Held = { readonly what: string; readonly figure: number; readonly most: number };

export function report(part: string, held: readonly Held[]): void {
  for (const { what, figure, most } of held) {
    if (!(figure <= most)) process.exitCode = 1;
    console.log(`=> ${part}: ${figure.toPrecision(3)} ${what}; the bar is ${most}`);
  }
}
