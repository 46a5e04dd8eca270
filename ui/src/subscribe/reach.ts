/** From where an address can be read, as far as its host tells. Pure. */

/** `machine`: from this computer alone; `network`: from a private network; `internet`: from anywhere, it seems. */
export type Reach = "machine" | "network" | "internet";

const PRIVATE_NAMES = [".local", ".internal", ".lan", ".home", ".home.arpa", ".test"];

/** The IPv4 networks that the internet does not know (RFC 6890): the first address of each, and its bits. */
const PRIVATE_IPV4: [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

export function hostOf(url: string): string {
  return new URL(url).hostname.replace(/\.$/, "");
}

export function reachOf(url: string): Reach {
  const host = hostOf(url);
  if (host.startsWith("[")) return reachOfIpv6(host.slice(1, -1));
  if (/^\d+(\.\d+){3}$/.test(host)) return reachOfIpv4(host);
  if (host === "localhost" || host.endsWith(".localhost")) return "machine";
  const isPrivate = !host.includes(".") || PRIVATE_NAMES.some((end) => host.endsWith(end));
  return isPrivate ? "network" : "internet";
}

function reachOfIpv4(host: string): Reach {
  const value = valueOf(host);
  if (value >>> 24 === 127) return "machine";
  const isPrivate = PRIVATE_IPV4.some(([first, bits]) => value >>> (32 - bits) === valueOf(first) >>> (32 - bits));
  return isPrivate ? "network" : "internet";
}

function valueOf(host: string): number {
  return host.split(".").reduce((value, octet) => ((value << 8) | Number(octet)) >>> 0, 0);
}

/** A URL's own form of it: short, and in hexadecimal. */
function reachOfIpv6(host: string): Reach {
  if (host === "::1") return "machine";
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(host);
  if (mapped) {
    const value = ((Number.parseInt(mapped[1] as string, 16) << 16) | Number.parseInt(mapped[2] as string, 16)) >>> 0;
    return reachOfIpv4([24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join("."));
  }
  return /^[23]/.test(host) && !host.startsWith("2001:db8:") ? "internet" : "network";
}
