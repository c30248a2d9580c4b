import { existsSync, readFileSync } from 'node:fs'
import { type Document, parseDocument } from 'yaml'
import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import { isMapping } from './mapping.js'

const DEFAULT_FILE = 'application.yaml'
const SECTION = 'auth_client'

/** One file's `auth_client` section. */
export interface FileSettings {
  readonly file: string
  readonly settings: Readonly<Record<string, unknown>>
}

/**
 * Reads the `auth_client` section of YAML or JSON files, in the order given.
 *
 * Files named by the caller have to exist; without names, `application.yaml` is read where there is one.
 * Other sections belong to the application and are left alone.
 */
export function readConfigFiles(
  files: readonly string[] | undefined,
  problems: ConfigurationProblem[],
): readonly FileSettings[] {
  const paths = files ?? (existsSync(DEFAULT_FILE) ? [DEFAULT_FILE] : [])
  return paths.flatMap((file) => {
    const settings = readSection(file, problems)
    return settings === undefined ? [] : [{ file, settings }]
  })
}

function readSection(file: string, problems: ConfigurationProblem[]): Readonly<Record<string, unknown>> | undefined {
  const content = read(file)
  if (content === undefined) {
    problems.push({ where: file, message: 'the file cannot be read' })
    return undefined
  }
  const document = parseDocument(content, { schema: 'core', merge: false })
  const [error] = document.errors
  const parsed = error === undefined ? contentOf(document) : undefined
  if (parsed === undefined) {
    const line = error?.linePos?.[0].line
    const at = line === undefined ? '' : `, line ${line}`
    problems.push({ where: file, message: `is not valid YAML or JSON (${error?.code ?? 'BAD_ALIAS'}${at})` })
    return undefined
  }
  for (const name of misspeltSections(parsed.value)) {
    problems.push({ where: `${name} in ${file}`, message: `is not read; the section is called ${SECTION}` })
  }
  const section = sectionOf(parsed.value)
  if (section === undefined) problems.push({ where: file, message: `${SECTION} must be a mapping of settings` })
  return section
}

/** `undefined` where aliases lead nowhere or multiply without end, which is only found out here. */
function contentOf(document: Document): { readonly value: unknown } | undefined {
  try {
    return { value: document.toJS() }
  } catch {
    return undefined
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function sectionOf(content: unknown): Readonly<Record<string, unknown>> | undefined {
  if (content === null || content === undefined) return {}
  if (!isMapping(content)) return undefined
  const section = Object.hasOwn(content, SECTION) ? content[SECTION] : {}
  if (section === null) return {}
  return isMapping(section) ? section : undefined
}

/** A section under any other spelling of the name would go unnoticed, and what it closes would be open. */
function misspeltSections(content: unknown): readonly string[] {
  const names = isMapping(content) ? Object.keys(content) : []
  return names.filter((name) => name !== SECTION && /^authclients?$/i.test(name.replace(/[-_]/g, '')))
}
