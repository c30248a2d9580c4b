import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import { SCHEMA, type SettingName } from './schema.js'

/**
 * What is wrong with one setting, in the words of files and of the environment.
 *
 * @param origin the file the value comes from, as in ` in application.yaml`
 */
export function settingProblem(name: SettingName, message: string, origin = ''): ConfigurationProblem {
  return { where: `auth_client.${name}${origin}`, env: SCHEMA[name].env, message }
}
