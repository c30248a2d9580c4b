import { acceptedIssuers } from '../authentication/issuer-selection.js'
import type { AuthClientSettings, IssuerSettings } from '../config/auth-client-settings.js'
import type { SettingName } from '../config/schema.js'
import { settingProblem } from '../config/setting-problem.js'
import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import type { TestSettings } from './test-settings.js'

/** Why a container's settings would refuse every token of a test kit; empty when they wouldn't. */
export function kitMismatches(settings: AuthClientSettings, kit: TestSettings): readonly ConfigurationProblem[] {
  const issuers = acceptedIssuers(settings)
  const known = issuers.find(({ issuer }) => issuer === kit.issuer)
  if (known === undefined && issuers.length > 1) return [mismatch('issuers', 'issuer', kit.issuer)]
  return issuerMismatches(known ?? issuers[0] ?? settings, kit)
}

function issuerMismatches(settings: IssuerSettings, kit: TestSettings): readonly ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = []
  if (settings.issuer !== kit.issuer) problems.push(mismatch('issuer', 'issuer', kit.issuer))
  if (!kit.audience.some((name) => settings.audience.includes(name))) {
    problems.push(mismatch('audience', 'audience', kit.audience.join(', ')))
  }
  if (!kit.acceptedAlgorithms.some((name) => settings.acceptedAlgorithms.includes(name))) {
    problems.push(mismatch('accepted_algorithms', 'algorithm', kit.acceptedAlgorithms.join(', ')))
  }
  return problems
}

function mismatch(setting: SettingName, option: string, value: string): ConfigurationProblem {
  return settingProblem(
    setting,
    `refuses the test kit's ${value}; load new AuthModule({ ...kit.settings }), or make the kit with AuthTestKit.create({ ${option} }) as the settings want it`,
  )
}
