import { styleText } from 'node:util'

/** Text in a colour, where it is read on a terminal. */
export function coloured(text: string, colour: Parameters<typeof styleText>[0], inColour: boolean): string {
  // Whether there is a terminal has been asked before; standard output need not be where this goes.
  return inColour ? styleText(colour, text, { validateStream: false }) : text
}
