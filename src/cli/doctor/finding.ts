/** How bad something is: nothing to do, worth a thought, or in the way. */
export type Level = 'ok' | 'warning' | 'problem'

/** One thing that was looked at. */
export interface Finding {
  readonly level: Level
  /** What was found. */
  readonly found: string
  /** What to do about it. */
  readonly todo?: string
}

/** Findings about one thing: the settings, an issuer, the revocation endpoint. */
export interface Section {
  readonly title: string
  readonly findings: readonly Finding[]
}

export function ok(found: string): Finding {
  return { level: 'ok', found }
}

export function warning(found: string, todo: string): Finding {
  return { level: 'warning', found, todo }
}

export function problem(found: string, todo: string): Finding {
  return { level: 'problem', found, todo }
}
