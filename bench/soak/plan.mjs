/** The ten minutes that everything else is a scaled copy of, in seconds. */
const FULL = { duration: 600, rotation: 20, outage: 60, cooldown: 10, ttl: 30 }

/** What the machine's own sluggishness may add to any of our time limits, in milliseconds. */
const GRACE_MS = 1_500

/**
 * When what happens, for a soak of so many seconds. Settings are whole seconds, so a short soak rotates keys and
 * cools down somewhat more slowly than to scale.
 */
export function plan(duration) {
  const scaled = (seconds, least) => Math.max(least, Math.round((seconds * duration) / FULL.duration))
  const rotation = scaled(FULL.rotation, 3)
  return {
    duration,
    rotation,
    tokensPerKey: rotation * 50,
    graceMs: GRACE_MS,
    /** In the second third: what is before and after has to be alike. */
    outage: { from: duration * 0.4, until: duration * 0.4 + scaled(FULL.outage, 4) },
    settings: {
      jwksCooldownSeconds: scaled(FULL.cooldown, 1),
      jwksTtlSeconds: scaled(FULL.ttl, 2),
      jwksTimeoutMs: 500,
      clockToleranceSeconds: 1,
      /** Full long before the first third is over, and never large enough for all the tokens in use. */
      tokenCacheSize: rotation * 50,
    },
  }
}
