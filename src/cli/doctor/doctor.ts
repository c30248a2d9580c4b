import { fetchRevokedIds } from '../../authentication/fetch-revoked-ids.js'
import { acceptedIssuers } from '../../authentication/issuer-selection.js'
import type { AuthClientSettings } from '../../config/auth-client-settings.js'
import { isProduction } from '../../config/load-settings.js'
import { application, type SettingsOptions } from '../application.js'
import { type CommandIo, EXIT } from '../command-io.js'
import { fetchFailure } from './fetch-failure.js'
import { type Finding, type Level, ok, problem, type Section } from './finding.js'
import { issuerFindings } from './issuer-findings.js'
import { asJson, asText } from './report.js'
import { settingsFindings } from './settings-findings.js'

/** What was asked for. */
export interface DoctorOptions extends SettingsOptions {
  readonly json?: boolean
  readonly strict?: boolean
}

/**
 * Looks at the settings and at everything they point to, as the application would find it from here.
 *
 * @returns the exit code: {@link EXIT.findings} for a problem, or for a warning where `strict` is asked for
 * @throws {AuthConfigurationError} when the settings can't be read.
 */
export async function doctor(options: DoctorOptions, io: CommandIo): Promise<number> {
  const { settings } = await application(options, io)
  const sections = [
    { title: 'Settings', findings: settingsFindings(settings, isProduction(io.env)) },
    ...(await issuerSections(settings, io)),
    ...(await revocationSections(settings)),
  ]
  io.out(options.json === true ? asJson(sections) : asText(sections, io.isTerminal))
  const bad: readonly Level[] = options.strict === true ? ['problem', 'warning'] : ['problem']
  return sections.some(({ findings }) => findings.some(({ level }) => bad.includes(level))) ? EXIT.findings : EXIT.ok
}

function issuerSections(settings: AuthClientSettings, { clock }: CommandIo): Promise<readonly Section[]> {
  const issuers = settings.enabled ? acceptedIssuers(settings) : []
  return Promise.all(
    issuers.map(async (issuer) => ({ title: issuer.issuer, findings: await issuerFindings(issuer, clock) })),
  )
}

async function revocationSections(settings: AuthClientSettings): Promise<readonly Section[]> {
  if (settings.revocationEndpoint === '') return []
  return [{ title: 'Revocation', findings: [await revocationFinding(settings)] }]
}

async function revocationFinding(settings: AuthClientSettings): Promise<Finding> {
  try {
    const { size } = await fetchRevokedIds(settings)
    return ok(`${size} revoked ${size === 1 ? 'token' : 'tokens'} listed`)
  } catch (error) {
    return problem(...fetchFailure(error))
  }
}
