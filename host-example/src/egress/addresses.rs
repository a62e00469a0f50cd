//! What kind of network an address belongs to, and which kinds a name may resolve to.
//!
//! A name under somebody else's control can resolve to anything: to the cloud's metadata service, to a database beside
//! the host. So every address is classified, and only [`Kind::Public`] is reachable unless the operator said otherwise.
//! Pure: the lookup is in `resolver`, the decision's other half (which names at all) in `policy`.
//!
//! An IPv6 address that merely carries an IPv4 address (mapped, compatible, NAT64, 6to4) is judged as what it carries,
//! or `::ffff:169.254.169.254` would be a way around. One that may carry one (Teredo, ISATAP, a network's own NAT64) is
//! judged by itself, unless what it may carry is never good.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The kinds of addresses that make a difference here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Reachable by everyone.
    Public,
    /// This machine.
    Loopback,
    /// RFC 1918, and IPv6 unique local (RFC 4193) and the old site-local.
    Private,
    /// RFC 3927 and `fe80::/10`.
    LinkLocal,
    /// Where clouds answer questions about credentials, and steer their machines.
    Metadata,
    /// RFC 6598, the provider's own network.
    SharedCarrier,
    /// `0.0.0.0/8` and `::`, which many systems take for this machine.
    Unspecified,
    /// One to many.
    Multicast,
    /// One to all.
    Broadcast,
    /// For documentation, benchmarks, protocol assignments, discard, the future: nothing to talk to.
    Reserved,
}

impl Kind {
    /// What nobody ever serves an API on: closed whatever is configured or allowed.
    pub(crate) fn is_never_good(self) -> bool {
        matches!(self, Kind::Metadata | Kind::Multicast | Kind::Broadcast | Kind::Unspecified)
    }

    pub(crate) fn describe(self) -> &'static str {
        match self {
            Kind::Public => "public",
            Kind::Loopback => "loopback",
            Kind::Private => "private",
            Kind::LinkLocal => "link-local",
            Kind::Metadata => "a cloud's metadata service",
            Kind::SharedCarrier => "carrier-grade NAT",
            Kind::Unspecified => "unspecified",
            Kind::Multicast => "multicast",
            Kind::Broadcast => "broadcast",
            Kind::Reserved => "reserved",
        }
    }
}

/// The metadata services outside of the networks below.
const METADATA_V4: [Ipv4Addr; 4] = [
    Ipv4Addr::new(169, 254, 0, 23),    // Tencent
    Ipv4Addr::new(100, 100, 100, 200), // Alibaba
    Ipv4Addr::new(192, 0, 0, 192),     // Oracle
    Ipv4Addr::new(168, 63, 129, 16),   // Azure's WireServer
];
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),       // GCP
    Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe), // Oracle
    Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe),    // OpenStack
];

/// What kind of address it is.
pub(crate) fn classify(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(address) => classify_v4(address),
        IpAddr::V6(address) => match carried_v4(address) {
            Some(inner) => classify_v4(inner),
            None => {
                let inner = may_carry_v4(address).into_iter().flatten().map(classify_v4);
                // Where nothing is inside there are zeros.
                let carried = |kind: &Kind| kind.is_never_good() && *kind != Kind::Unspecified;
                inner.into_iter().find(carried).unwrap_or_else(|| classify_v6(address))
            }
        },
    }
}

/// Whether it is this machine, however written.
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    classify(address) == Kind::Loopback
}

fn classify_v4(address: Ipv4Addr) -> Kind {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        _ if METADATA_V4.contains(&address) => Kind::Metadata,
        // AWS, GCP, Azure, DigitalOcean, OpenStack; AWS's roles of tasks and pods.
        (169, 254, 169..=170) => Kind::Metadata,
        _ if address.is_broadcast() => Kind::Broadcast,
        (127, ..) => Kind::Loopback,
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => Kind::Private,
        (169, 254, _) => Kind::LinkLocal,
        (100, 64..=127, _) => Kind::SharedCarrier,
        (0, ..) => Kind::Unspecified,
        (224..=239, ..) => Kind::Multicast,
        (192, 0, 0) // protocol assignments
        | (192, 0, 2) | (198, 51, 100) | (203, 0, 113) // documentation
        | (198, 18..=19, _) // benchmarks
        | (192, 88, 99) // the former 6to4 relays
        | (240..=255, ..) => Kind::Reserved,
        _ => Kind::Public,
    }
}

fn classify_v6(address: Ipv6Addr) -> Kind {
    if METADATA_V6.contains(&address) {
        return Kind::Metadata;
    }
    if address.is_unspecified() {
        return Kind::Unspecified;
    }
    if address.is_loopback() {
        return Kind::Loopback;
    }
    let [a, b, ..] = address.segments();
    match (a, b) {
        (0xfd00, 0x0ec2) => Kind::Metadata, // AWS
        (0xfc00..=0xfdff, _) | (0xfec0..=0xfeff, _) => Kind::Private,
        (0xfe80..=0xfebf, _) => Kind::LinkLocal,
        (0xff00..=0xffff, _) => Kind::Multicast,
        (0x2001, 0x0db8) | (0x3fff, 0..=0x0fff) => Kind::Reserved, // documentation
        (0x2001, 0..=0x01ff) => Kind::Reserved,                    // protocol assignments, Teredo among them
        // Only 2000::/3 has ever been given out as global unicast; discard (100::/64) and all else is not.
        (0x2000..=0x3fff, _) => Kind::Public,
        _ => Kind::Reserved,
    }
}

/// The IPv4 address inside an IPv6 one.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] => v4(high, low), // mapped, ::ffff:0:0/96
        [0, 0, 0, 0, 0xffff, 0, high, low] => v4(high, low), // translated, ::ffff:0:0:0/96
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => v4(high, low), // compatible, ::/96
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low), // NAT64, 64:ff9b::/96
        [0x2002, high, low, ..] => v4(high, low),            // 6to4, 2002::/16
        _ => None,
    }
}

/// The IPv4 addresses that an IPv6 one may have inside, where only the network it is of could tell.
fn may_carry_v4(address: Ipv6Addr) -> [Option<Ipv4Addr>; 4] {
    let s = address.segments();
    let [.., e, f, g, h] = s;
    let bits = u128::from(address);
    // So many bits from the left.
    let at = |from: u32| Some(Ipv4Addr::from((bits >> (128 - from - 32)) as u32));
    // RFC 6052, 2.2: bits 64 to 71 are left out.
    let without = bits >> 64 << 56 | bits << 72 >> 72;
    let around = |from: u32| Some(Ipv4Addr::from((without >> (120 - from - 32)) as u32));
    match s {
        // Teredo, RFC 4380: its server, and the client with every bit turned.
        [0x2001, 0, ..] => [at(32), Some(Ipv4Addr::from(!(u32::from(g) << 16 | u32::from(h)))), None, None],
        // A network's own NAT64, RFC 8215, with each length of prefix that fits.
        [0x64, 0xff9b, 1, ..] => [at(96), around(48), around(56), around(64)],
        // ISATAP, RFC 5214.
        _ if matches!(e, 0 | 0x200) && f == 0x5efe => [at(96), None, None, None],
        _ => [None; 4],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind(text: &str) -> Kind {
        classify(text.parse().expect(text))
    }

    #[test]
    fn every_range_is_what_its_rfc_says() {
        for (text, expected) in [
            ("8.8.8.8", Kind::Public),
            ("172.15.255.255", Kind::Public),
            ("172.32.0.0", Kind::Public),
            ("100.63.255.255", Kind::Public),
            ("100.128.0.0", Kind::Public),
            ("127.0.0.1", Kind::Loopback),
            ("127.255.255.255", Kind::Loopback),
            ("10.0.0.1", Kind::Private),
            ("172.16.0.0", Kind::Private),
            ("172.31.255.255", Kind::Private),
            ("192.168.1.1", Kind::Private),
            ("169.254.0.1", Kind::LinkLocal),
            ("169.254.169.254", Kind::Metadata),
            ("100.100.100.200", Kind::Metadata),
            ("100.64.0.1", Kind::SharedCarrier),
            ("0.0.0.0", Kind::Unspecified),
            ("0.1.2.3", Kind::Unspecified),
            ("224.0.0.1", Kind::Multicast),
            ("255.255.255.255", Kind::Broadcast),
            ("255.255.255.254", Kind::Reserved),
            ("169.254.170.2", Kind::Metadata),
            ("169.254.170.23", Kind::Metadata),
            ("169.254.169.253", Kind::Metadata),
            ("169.254.0.23", Kind::Metadata),
            ("192.0.0.192", Kind::Metadata),
            ("168.63.129.16", Kind::Metadata),
            ("168.63.129.17", Kind::Public),
            ("203.0.113.7", Kind::Reserved),
            ("198.19.0.1", Kind::Reserved),
            ("2607:f8b0::1", Kind::Public),
            ("::1", Kind::Loopback),
            ("::", Kind::Unspecified),
            ("fd12::1", Kind::Private),
            ("fec0::1", Kind::Private),
            ("fe80::1", Kind::LinkLocal),
            ("fd00:ec2::254", Kind::Metadata),
            ("fd00:ec2::23", Kind::Metadata),
            ("fd00:ec2::253", Kind::Metadata),
            ("fd20:ce::254", Kind::Metadata),
            ("fd00:c1::a9fe:a9fe", Kind::Metadata),
            ("fe80::a9fe:a9fe", Kind::Metadata),
            ("ff02::1", Kind::Multicast),
            ("2001:db8::1", Kind::Reserved),
            ("100::1", Kind::Reserved),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn an_ipv4_address_inside_an_ipv6_one_is_judged_as_ipv4() {
        for text in [
            "::ffff:169.254.169.254",
            "::ffff:0:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::169.254.169.254",
            "2002:a9fe:a9fe::",
            // Where the network would have to be asked.
            "2001:0:a9fe:a9fe::1",
            "2001:0:808:808::5601:5601",
            "64:ff9b:1::169.254.169.254",
            "64:ff9b:1:a9fe:a9:fe00::",
            "64:ff9b:1:a9:fe:a9fe::",
            "64:ff9b:1:0:a9:fea9:fe00::",
            "2607:f8b0::5efe:169.254.169.254",
            "fe80::200:5efe:168.63.129.16",
        ] {
            assert_eq!(kind(text), Kind::Metadata, "{text}");
        }
        assert_eq!(kind("2607:f8b0::5efe:8.8.8.8"), Kind::Public);
        assert_eq!(kind("2002:ffff:ffff::"), Kind::Broadcast);
        assert_eq!(kind("::ffff:127.0.0.1"), Kind::Loopback);
        assert_eq!(kind("::ffff:8.8.8.8"), Kind::Public);
    }

    proptest! {
        #[test]
        fn mapping_into_ipv6_never_changes_the_kind(bits: u32) {
            let address = Ipv4Addr::from(bits);
            prop_assert_eq!(classify(address.into()), classify(address.to_ipv6_mapped().into()));
        }

        #[test]
        fn what_is_never_good_is_so_in_every_dress(bits: u32) {
            let address = Ipv4Addr::from(bits);
            let kind = classify(address.into());
            if kind.is_never_good() && kind != Kind::Unspecified {
                let (high, low) = ((bits >> 16) as u16, bits as u16);
                for dressed in [
                    [0, 0, 0, 0, 0, 0xffff, high, low],
                    [0, 0, 0, 0, 0, 0, high, low],
                    [0x64, 0xff9b, 0, 0, 0, 0, high, low],
                    [0x64, 0xff9b, 1, 7, 7, 7, high, low],
                    [0x2002, high, low, 1, 2, 3, 4, 5],
                    [0x2607, 1, 2, 3, 0, 0x5efe, high, low],
                    [0x2001, 0, 1, 2, 3, 4, !high, !low],
                ] {
                    prop_assert!(classify(Ipv6Addr::from(dressed).into()).is_never_good());
                }
            }
        }

        #[test]
        fn nothing_the_standard_library_calls_special_is_public(bits: u32) {
            let address = Ipv4Addr::from(bits);
            if address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast()
                || address.is_broadcast() || address.is_documentation() || address.is_unspecified()
            {
                prop_assert_ne!(classify(address.into()), Kind::Public);
            }
        }
    }
}
