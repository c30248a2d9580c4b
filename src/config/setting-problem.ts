import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import { SCHEMA, type SettingName } from './schema.js'

/** What is wrong with one setting, in the words of files and of the environment. */
export function settingProblem(name: SettingName, message: string): ConfigurationProblem {
  return { where: `auth_client.${name}`, env: SCHEMA[name].env, message }
}
