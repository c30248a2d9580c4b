import type { RouteLock } from './route-lock.js'

/** What has changed since a lock was written, a line or two for each route; empty when nothing has. */
export function differences(before: RouteLock, now: RouteLock): readonly string[] {
  const names = [...new Set([...Object.keys(now), ...Object.keys(before)])]
  const width = Math.max(0, ...names.map((name) => name.length))
  return names.flatMap((name) => {
    const [was, is] = [own(before, name), own(now, name)]
    if (was === is) return []
    const route = name.padEnd(width)
    if (was === undefined) return [`  + ${route}  ${is}`]
    if (is === undefined) return [`  - ${route}  ${was}`]
    return [`  ~ ${route}  was: ${was}`, `    ${' '.repeat(width)}  now: ${is}`]
  })
}

function own(lock: RouteLock, name: string): string | undefined {
  return Object.hasOwn(lock, name) ? lock[name] : undefined
}
