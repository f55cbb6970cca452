/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types, by ITU-T H.225.0 (2009) and H.245, in the order of their ASN.1. Of extensions only those
 * are there that lead to something marked; the others are passed over by their length. What no H.323
 * program needs before a marked field (H.222, H.223, V.76 ...) stops the walk.
 */
#include "helper/h323_types.h"

#include "base/own.h"

/* clang-format off */
#define TYPE(name, ...) static const struct per_type name = { .kind = __VA_ARGS__ }
#define FIELDS(name) .field = name##_fields, .nfields = pktt_countof(name##_fields)
/* A sequence or choice: its fields first; root of them stand before the dots. */
#define SEQ(name, ext, root, ...)                                                                 \
	static const struct per_field name##_fields[] = { __VA_ARGS__ };                          \
	TYPE(name, PER_SEQUENCE, .is_extensible = (ext), .nroot = (root), FIELDS(name))
#define CHOICE(name, ext, root, ...)                                                              \
	static const struct per_field name##_fields[] = { __VA_ARGS__ };                          \
	TYPE(name, PER_CHOICE, .is_extensible = (ext), .nroot = (root), FIELDS(name))
#define LIST(name, ...)                                                                           \
	static const struct per_field name##_fields[] = { { .type = __VA_ARGS__ } };                      \
	TYPE(name, PER_LIST, .nroot = 1, FIELDS(name))
#define INSIDE(name, ...)                                                                         \
	static const struct per_field name##_fields[] = { { .type = __VA_ARGS__ } };                      \
	TYPE(name, PER_INSIDE, .nroot = 1, FIELDS(name))
#define IS(t) { .type = &(t) }
#define OPT(t) { .type = &(t), .is_optional = true }
#define IS_TAGGED(t, tg) { .type = &(t), .tag = (tg) }
#define OPT_TAGGED(t, tg) { .type = &(t), .is_optional = true, .tag = (tg) }
#define IS_MARKED(t, m) { .type = &(t), .mark = (m) }
#define SKIPPED { .type = NULL }

/* --- What all have in common ------------------------------------------------------------------ */

TYPE(null, PER_NULL);
TYPE(boolean, PER_BOOL);
TYPE(stop, PER_STOP);
TYPE(oid, PER_OID);
TYPE(octets, PER_OCTETS);
TYPE(octets16, PER_OCTETS, .min = 16, .max = 16);
TYPE(octets_20, PER_OCTETS, .min = 1, .max = 20);
TYPE(octets_256, PER_OCTETS, .min = 1, .max = 256);
TYPE(byte, PER_INT, .min = 0, .max = 255);
TYPE(positive_byte, PER_INT, .min = 1, .max = 255);
TYPE(number_256, PER_INT, .min = 1, .max = 256);
TYPE(word, PER_INT, .min = 0, .max = 65535);
TYPE(positive_word, PER_INT, .min = 1, .max = 65535);
TYPE(dword, PER_INT, .min = 0, .max = UINT32_MAX);
TYPE(positive_dword, PER_INT, .min = 1, .max = UINT32_MAX);
TYPE(digits, PER_DIGITS, .min = 1, .max = 128);
TYPE(bmp_128, PER_BMP, .min = 1, .max = 128);
TYPE(bmp_256, PER_BMP, .min = 1, .max = 256);
TYPE(ipv4, PER_ADDRESS, .min = 4);
TYPE(ipv6, PER_ADDRESS, .min = 16);

SEQ(h221_non_standard, true, 3, IS(byte), IS(byte), IS(word));
CHOICE(non_standard_identifier, true, 2, IS(oid), IS(h221_non_standard));
SEQ(non_standard, false, 2, IS(non_standard_identifier), IS(octets));
/* H.245's identifier has no extensions, nor has its vendor. */
SEQ(h245_h221_non_standard, false, 3, IS(byte), IS(byte), IS(word));
CHOICE(h245_non_standard_identifier, false, 2, IS(oid), IS(h245_h221_non_standard));
SEQ(h245_non_standard, false, 2, IS(h245_non_standard_identifier), IS(octets));
LIST(h245_non_standards, &h245_non_standard);
CHOICE(one_of_two, true, 2, IS(null), IS(null));
CHOICE(one_of_three, true, 3, IS(null), IS(null), IS(null));
CHOICE(one_of_four, true, 4, IS(null), IS(null), IS(null), IS(null));

/* --- H.245 ------------------------------------------------------------------------------------ */

/* network and tsapIdentifier are a sequence with extensions: its bit stands before them. */
SEQ(h245_ip, true, 1, IS(ipv4));
SEQ(h245_ip6, true, 1, IS(ipv6));
CHOICE(h245_unicast, true, 5, IS(h245_ip), IS(stop), IS(h245_ip6), IS(octets16), IS(stop));
CHOICE(h245_transport, true, 2, IS(h245_unicast), IS(stop));

TYPE(mpi4, PER_INT, .min = 1, .max = 4);
TYPE(mpi32, PER_INT, .min = 1, .max = 32);
TYPE(rate_19200, PER_INT, .min = 1, .max = 19200);
TYPE(rate_192400, PER_INT, .min = 1, .max = 192400);
TYPE(rate_2_30, PER_INT, .min = 0, .max = 1073741823);
TYPE(vbv, PER_INT, .min = 0, .max = 262143);
TYPE(number_14, PER_INT, .min = 0, .max = 16383);
TYPE(number_4, PER_INT, .min = 0, .max = 15);
TYPE(hrd, PER_INT, .min = 0, .max = 524287);
TYPE(rate_448, PER_INT, .min = 1, .max = 448);
TYPE(rate_1130, PER_INT, .min = 1, .max = 1130);

#define BOOLS_3 IS(boolean), IS(boolean), IS(boolean)
#define BOOLS_5 BOOLS_3, IS(boolean), IS(boolean)
SEQ(h261, true, 5, OPT(mpi4), OPT(mpi4), IS(boolean), IS(rate_19200), IS(boolean));
SEQ(h262, true, 17, BOOLS_5, BOOLS_5, IS(boolean), OPT(rate_2_30), OPT(vbv), OPT(number_14),
    OPT(number_14), OPT(number_4), OPT(dword));
SEQ(h263, true, 13, OPT(mpi32), OPT(mpi32), OPT(mpi32), OPT(mpi32), OPT(mpi32), IS(rate_192400),
    BOOLS_5, OPT(hrd), OPT(word));
SEQ(is11172_video, true, 7, IS(boolean), OPT(rate_2_30), OPT(vbv), OPT(number_14), OPT(number_14),
    OPT(number_4), OPT(dword));
CHOICE(video, true, 5, IS(h245_non_standard), IS(h261), IS(h262), IS(h263), IS(is11172_video));

SEQ(g7231, false, 2, IS(number_256), IS(boolean));
SEQ(is11172_audio, true, 9, BOOLS_5, BOOLS_3, IS(rate_448));
SEQ(is13818_audio, true, 21, BOOLS_5, BOOLS_5, BOOLS_5, BOOLS_5, IS(rate_1130));
CHOICE(audio, true, 14, IS(h245_non_standard), IS(number_256), IS(number_256), IS(number_256),
       IS(number_256), IS(number_256), IS(number_256), IS(number_256), IS(g7231), IS(number_256),
       IS(number_256), IS(number_256), IS(is11172_audio), IS(is13818_audio));

/* separateLANStack is the fourth extension. */
CHOICE(data_protocol, true, 7, IS(h245_non_standard), IS(null), IS(null), IS(null), IS(null),
       IS(null), IS(null), SKIPPED, SKIPPED, SKIPPED, IS_MARKED(null, H323_LAN_STACK));
CHOICE(data_application, true, 10, IS(h245_non_standard), IS(data_protocol), IS(stop), IS(stop),
       IS(stop), IS(stop), IS(stop), IS(stop), IS(null), IS(stop));
SEQ(data, true, 2, IS(data_application), IS(dword));
CHOICE(encryption, true, 2, IS(h245_non_standard), IS(null));
CHOICE(data_type, true, 6, IS(h245_non_standard), IS(null), IS(video), IS(audio), IS(data),
       IS(encryption));

/* Behind the two channels nothing is looked for; the optional fields stand in the bitmap all the same. */
SEQ(h2250, true, 11, OPT(h245_non_standards), IS(byte), OPT(positive_byte),
    OPT_TAGGED(h245_transport, H323_MEDIA), OPT(boolean),
    OPT_TAGGED(h245_transport, H323_MEDIA), OPT(boolean), OPT(boolean), OPT(stop), OPT(stop),
    OPT(stop));
SEQ(h2250_ack, true, 5, OPT(h245_non_standards), OPT(positive_byte),
    OPT_TAGGED(h245_transport, H323_MEDIA), OPT_TAGGED(h245_transport, H323_MEDIA), OPT(stop));

CHOICE(forward_multiplex, true, 3, IS(stop), IS(stop), IS(stop), IS(h2250), IS(null));
SEQ(forward_parameters, true, 3, OPT(word), IS(data_type), IS(forward_multiplex));
CHOICE(reverse_multiplex, true, 2, IS(stop), IS(stop), IS(h2250));
SEQ(reverse_parameters, true, 2, IS(data_type), OPT(reverse_multiplex));
CHOICE(network_address, true, 3, IS(stop), IS(stop), IS(h245_transport));
SEQ(network_access, true, 4, OPT(one_of_two), IS(network_address), IS(boolean), OPT(octets_256));
SEQ(open_logical_channel, true, 3, IS(positive_word), IS(forward_parameters),
    OPT(reverse_parameters), IS_TAGGED(network_access, H323_SEPARATE_STACK));

CHOICE(reverse_ack_multiplex, true, 1, IS(stop), IS(h2250));
SEQ(reverse_ack_parameters, true, 3, IS(positive_word), OPT(word), OPT(reverse_ack_multiplex));
CHOICE(forward_ack_multiplex, true, 1, IS(h2250_ack));
SEQ(open_logical_channel_ack, true, 2, IS(positive_word), OPT(reverse_ack_parameters),
    IS_TAGGED(network_access, H323_SEPARATE_STACK_ACK), IS(forward_ack_multiplex));

CHOICE(request, true, 11, IS(stop), IS(stop), IS(stop), IS(open_logical_channel), IS(stop), IS(stop),
       IS(stop), IS(stop), IS(stop), IS(stop), IS(stop));
CHOICE(response, true, 19, IS(stop), IS(stop), IS(stop), IS(stop), IS(stop),
       IS(open_logical_channel_ack), IS(stop), IS(stop), IS(stop), IS(stop), IS(stop), IS(stop),
       IS(stop), IS(stop), IS(stop), IS(stop), IS(stop), IS(stop), IS(stop));
static const struct per_field system_control_fields[] = { IS(request), IS(response), IS(stop),
							  IS(stop) };
const struct per_type h323_system_control = { .kind = PER_CHOICE, .is_extensible = true, .nroot = 4,
					      FIELDS(system_control) };

/* --- H.225: elements -------------------------------------------------------------------------- */

SEQ(h225_ip6, true, 1, IS(ipv6));
CHOICE(transport, true, 7, IS(ipv4), IS(stop), IS(stop), IS(h225_ip6), IS(octets16), IS(octets_20),
       IS(non_standard));
LIST(transports, &transport);
CHOICE(alias, true, 2, IS(digits), IS(bmp_256));
LIST(aliases, &alias);
LIST(references, &word);

SEQ(vendor, true, 3, IS(h221_non_standard), OPT(octets_256), OPT(octets_256));
SEQ(info, true, 1, OPT(non_standard));
CHOICE(supported_protocol, true, 9, IS(non_standard), IS(info), IS(info), IS(info), IS(info),
       IS(info), IS(info), IS(info), IS(info));
LIST(supported_protocols, &supported_protocol);
SEQ(gateway, true, 2, OPT(supported_protocols), OPT(non_standard));
SEQ(endpoint_type, true, 8, OPT(non_standard), OPT(vendor), OPT(info), OPT(gateway), OPT(info),
    OPT(info), IS(boolean), IS(boolean));
SEQ(q954, true, 2, IS(boolean), IS(boolean));
SEQ(q_series, true, 8, BOOLS_5, IS(boolean), IS(boolean), IS(q954));
SEQ(call_identifier, true, 1, IS(octets16));

/* --- H.225: call signalling ------------------------------------------------------------------- */

INSIDE(fast_start_channel, &open_logical_channel);
LIST(fast_start, &fast_start_channel);
INSIDE(tunnelled_control, &h323_system_control);
LIST(tunnelled_controls, &tunnelled_control);

SEQ(setup, true, 13, IS(oid), OPT_TAGGED(transport, H323_H245_ADDRESS), OPT(aliases),
    IS(endpoint_type), OPT(aliases), OPT_TAGGED(transport, H323_DEST_CALL_SIGNAL), OPT(aliases),
    OPT(references), IS(boolean), IS(octets16), IS(one_of_three), OPT(q_series), IS(one_of_four),
    IS_TAGGED(transport, H323_SOURCE_CALL_SIGNAL), SKIPPED, SKIPPED, SKIPPED, SKIPPED, SKIPPED,
    IS(fast_start));
/* Call proceeding and alerting are the same. */
SEQ(proceeding, true, 3, IS(oid), IS(endpoint_type), OPT_TAGGED(transport, H323_H245_ADDRESS),
    SKIPPED, SKIPPED, SKIPPED, SKIPPED, IS(fast_start));
SEQ(connect_call, true, 4, IS(oid), OPT_TAGGED(transport, H323_H245_ADDRESS), IS(endpoint_type),
    IS(octets16), SKIPPED, SKIPPED, SKIPPED, SKIPPED, IS(fast_start));
SEQ(information, true, 1, IS(oid));
CHOICE(release_reason, true, 12, IS(null), IS(null), IS(null), IS(null), IS(null), IS(null), IS(null),
       IS(null), IS(null), IS(null), IS(null), IS(null));
SEQ(release_complete, true, 2, IS(oid), OPT(release_reason));
CHOICE(facility_reason, true, 4, IS(null), IS_MARKED(null, H323_IS_FORWARDED), IS(null), IS(null));
SEQ(facility, true, 5, IS(oid), OPT_TAGGED(transport, H323_ALTERNATIVE), OPT(aliases), OPT(octets16),
    IS(facility_reason), SKIPPED, SKIPPED, SKIPPED, SKIPPED, SKIPPED, SKIPPED,
    IS_TAGGED(transport, H323_H245_ADDRESS), IS(fast_start));
SEQ(progress, true, 8, IS(oid), IS(endpoint_type), OPT_TAGGED(transport, H323_H245_ADDRESS),
    IS(call_identifier), OPT(stop), OPT(stop), OPT(stop), OPT(fast_start));

CHOICE(message_body, true, 7, IS(setup), IS(proceeding), IS(connect_call), IS(proceeding),
       IS(information), IS(release_complete), IS(facility), IS(progress));
SEQ(uu_pdu, true, 2, IS(message_body), OPT(non_standard), SKIPPED, SKIPPED, IS(tunnelled_controls));
static const struct per_field user_information_fields[] = { IS(uu_pdu), OPT(stop) };
const struct per_type h323_user_information = { .kind = PER_SEQUENCE, .is_extensible = true, .nroot = 2,
						FIELDS(user_information) };

/* --- RAS -------------------------------------------------------------------------------------- */

SEQ(grq, true, 8, IS(positive_word), IS(oid), OPT(non_standard), IS_TAGGED(transport, RAS_ADDRESS),
    IS(endpoint_type), OPT(bmp_128), OPT(q_series), OPT(aliases));
SEQ(gcf, true, 5, IS(positive_word), IS(oid), OPT(non_standard), OPT(bmp_128),
    IS_TAGGED(transport, RAS_ADDRESS));
SEQ(rrq, true, 10, IS(positive_word), IS(oid), OPT(non_standard), IS(boolean),
    IS_TAGGED(transports, RAS_SIGNAL_ADDRESS), IS_TAGGED(transports, RAS_ADDRESS),
    IS(endpoint_type), OPT(aliases), OPT(bmp_128), IS(vendor), SKIPPED,
    IS_TAGGED(positive_dword, RAS_TIME_TO_LIVE));
SEQ(rcf, true, 7, IS(positive_word), IS(oid), OPT(non_standard),
    IS_TAGGED(transports, RAS_SIGNAL_ADDRESS), OPT(aliases), OPT(bmp_128), IS(bmp_128), SKIPPED,
    IS_TAGGED(positive_dword, RAS_TIME_TO_LIVE));
SEQ(urq, true, 5, IS(positive_word), IS_TAGGED(transports, RAS_SIGNAL_ADDRESS), OPT(aliases),
    OPT(non_standard), OPT(bmp_128));
SEQ(arq, true, 16, IS(positive_word), IS(one_of_four), OPT(one_of_two), IS(bmp_128), OPT(aliases),
    OPT_TAGGED(transport, H323_DEST_CALL_SIGNAL), OPT(aliases), IS(aliases),
    OPT_TAGGED(transport, H323_SOURCE_CALL_SIGNAL), IS(dword), IS(word), OPT(non_standard),
    OPT(q_series), IS(octets16), IS(boolean), IS(boolean));
SEQ(acf, true, 6, IS(positive_word), IS(dword), IS(one_of_two),
    IS_TAGGED(transport, RAS_SIGNAL_ADDRESS), OPT(positive_word), OPT(non_standard));
SEQ(lrq, true, 5, IS(positive_word), OPT(bmp_128), IS(aliases), OPT(non_standard),
    IS_TAGGED(transport, RAS_ADDRESS));
SEQ(lcf, true, 4, IS(positive_word), IS_TAGGED(transport, RAS_SIGNAL_ADDRESS),
    IS_TAGGED(transport, RAS_ADDRESS), OPT(non_standard));
SEQ(irr, true, 8, OPT(non_standard), IS(positive_word), IS(endpoint_type), IS(bmp_128),
    IS_TAGGED(transport, RAS_ADDRESS), IS_TAGGED(transports, RAS_SIGNAL_ADDRESS), OPT(stop),
    OPT(stop));

static const struct per_field ras_message_fields[] = {
	IS_MARKED(grq, RAS_GRQ), IS_MARKED(gcf, RAS_GCF), IS(stop),
	IS_MARKED(rrq, RAS_RRQ), IS_MARKED(rcf, RAS_RCF), IS(stop),
	IS_MARKED(urq, RAS_URQ), IS(stop), IS(stop),
	IS_MARKED(arq, RAS_ARQ), IS_MARKED(acf, RAS_ACF), IS(stop),
	IS(stop), IS(stop), IS(stop), /* bandwidth */
	IS(stop), IS(stop), IS(stop), /* disengage */
	IS_MARKED(lrq, RAS_LRQ), IS_MARKED(lcf, RAS_LCF), IS(stop),
	IS(stop), IS_MARKED(irr, RAS_IRR), IS(stop), IS(stop),
};
const struct per_type h323_ras_message = { .kind = PER_CHOICE, .is_extensible = true, .nroot = 25,
					   FIELDS(ras_message) };
/* clang-format on */
