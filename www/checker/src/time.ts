/** Whether it is a time to wait, in whole milliseconds, as timers take them. */
export function isTime(time: unknown): boolean {
  return Number.isInteger(time) && (time as number) >= 0 && (time as number) < 2 ** 31;
}
