// Numbers for people.

export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  let rest = value;
  while (Math.abs(rest) >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${short(rest)} ${units[unit]}`;
}

export function count(value) {
  const units = ['', ' k', ' M', ' G', ' T'];
  let unit = 0;
  let rest = value;
  while (Math.abs(rest) >= (unit ? 1000 : 10000) && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  return short(rest) + units[unit];
}

export function simulated(nanos) {
  for (const [size, unit] of [[3.6e12, 'h'], [6e10, 'min'], [1e9, 's'], [1e6, 'ms'], [1e3, 'µs']]) {
    if (Math.abs(nanos) >= size) return `${short(nanos / size)} ${unit}`;
  }
  return `${short(nanos)} ns`;
}

export function duration(seconds) {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function percent(share) {
  return `${(100 * share).toFixed(share > 0.995 && share < 1 ? 4 : 1)} %`;
}

function short(value) {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}
