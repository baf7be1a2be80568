// Commands in what is printed, so that they can be pasted.

/** How an operator starts the command line. `-s` keeps the lines of npm out of what a verb prints. */
export const weirCommand = 'npm run -s weir --';

/** Makes a command that can be pasted of the words and options of a verb. It connects where this command line connects. */
export type ToCommand = (words: string) => string;
