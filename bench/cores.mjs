import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Whether servers and client can each have a core: two cores, and Linux's `taskset`. */
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0

/** For a process whose speed nobody measures. */
export const ANY_CORE = '0,1'

/** How to start a Node process that stays, with all its threads, on one core. */
export function nodeOnCore(core) {
  return canPin ? { execPath: 'taskset', prefix: ['--cpu-list', String(core), process.execPath] } : { prefix: [] }
}

/** Moves this process to a core of its own, so that it takes nothing away from the servers. */
export function moveToCore(core) {
  if (canPin) spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(process.pid)])
}
