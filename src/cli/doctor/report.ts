import { coloured } from '../coloured.js'
import { visible } from '../shown.js'
import type { Finding, Level, Section } from './finding.js'

const COLOURS = { ok: 'green', warning: 'yellow', problem: 'red' } as const

/** The findings as text for people. */
export function asText(sections: readonly Section[], inColour: boolean): string {
  const blocks = sections.map(({ title, findings }) =>
    [title, ...findings.flatMap((finding) => lines(finding, inColour))].join('\n'),
  )
  return [...blocks, summary(sections)].join('\n\n')
}

/** The findings for programs. */
export function asJson(sections: readonly Section[]): string {
  return JSON.stringify(
    { problems: count(sections, 'problem'), warnings: count(sections, 'warning'), sections },
    null,
    2,
  )
}

function lines({ level, found, todo }: Finding, inColour: boolean): readonly string[] {
  const mark = coloured(level.padEnd(7), COLOURS[level], inColour)
  return [`  ${mark}  ${visible(found)}`, ...(todo === undefined ? [] : [`           ${visible(todo)}`])]
}

function summary(sections: readonly Section[]): string {
  const [first, second] = [
    numbered(count(sections, 'problem'), 'problem'),
    numbered(count(sections, 'warning'), 'warning'),
  ]
  return `${first.charAt(0).toUpperCase()}${first.slice(1)}, ${second}.`
}

function numbered(amount: number, noun: string): string {
  return `${amount === 0 ? 'no' : amount} ${noun}${amount === 1 ? '' : 's'}`
}

function count(sections: readonly Section[], wanted: Level): number {
  return sections.flatMap(({ findings }) => findings).filter(({ level }) => level === wanted).length
}
