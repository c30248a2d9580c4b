import convict from 'convict'
import { FORMATS, type FormatName } from './formats.js'
import { SCHEMA, type SettingName } from './schema.js'

/** Convict would report a bad value by repeating it; ours are checked all at once, later, without that. */
for (const [name, { coerce }] of Object.entries(FORMATS)) convict.addFormat({ name, coerce, validate: () => undefined })

/** Convict copies what it holds, and loses a member that is called __proto__ on the way: it doesn't get these. */
const STRUCTURED: ReadonlySet<FormatName> = new Set([
  'auth-claim-values',
  'auth-required-claims',
  'auth-hierarchy',
  'auth-issuers',
])

/** One of the places that settings come from. */
export interface Source {
  /** Of two sources, that with the larger number wins. */
  readonly strength: number
  /** The file it is, as in ` in application.yaml`; '' for options and the environment. */
  readonly origin: string
  /** What it calls a setting. */
  readonly nameOf: (name: string) => string
}

/** Settings as they are given over the defaults, whatever they are worth. */
export class GivenSettings {
  readonly #config = convict<Record<string, unknown>>(SCHEMA, { env: {}, args: [] })
  readonly #structures = new Map<SettingName, unknown>()
  readonly #sources = new Map<SettingName, Source>()

  /** Takes a setting, over whatever was there before. */
  set(name: SettingName, value: unknown, source: Source): void {
    const { format } = SCHEMA[name]
    if (!STRUCTURED.has(format)) this.#config.set(name, value)
    else this.#structures.set(name, typeof value === 'string' ? FORMATS[format].coerce(value) : value)
    this.#sources.set(name, source)
  }

  /** The value in force. */
  get(name: SettingName): unknown {
    return this.#structures.has(name) ? this.#structures.get(name) : this.#config.get(name)
  }

  /** Who has given it; `undefined` where it is the default. */
  sourceOf(name: SettingName): Source | undefined {
    return this.#sources.get(name)
  }
}
