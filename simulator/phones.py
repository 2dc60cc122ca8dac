"""Phone numbers that nobody has: those kept for fiction by the numbering plans of the US (555-01xx), the UK (Ofcom,
"Telephone numbers for drama use") and France (ARCEP). There are few, so a day gives out a few and no more."""

_US = (
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234,
    239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 303, 304, 305, 307, 308, 309,
    310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330,
)  # fmt: skip
_UK = (113, 114, 116, 117, 118, 121, 131, 141, 151, 161)
_FRANCE = ("1 99 00", "2 61 91", "3 53 01", "4 65 71", "5 36 49")
_COUNTS = (len(_US) * 100, len(_UK) * 1000, len(_FRANCE) * 10_000)
_A_DAY = 40
_STEP = 7919  # has no divisor in common with the count of numbers, so that each comes once

SHOP = "+44 20 7946 0000"  # the shop's own, which the staff type in when a customer tells none


def number(day_number: int, nth: int) -> str:
    """Of the `nth` person of a day, from 0; empty where the day has given out all of its own. The same number comes
    again after four and a half years."""
    if nth >= _A_DAY:
        return ""
    position = (day_number * _A_DAY + nth) * _STEP % sum(_COUNTS)
    if position < _COUNTS[0]:
        return f"({_US[position // 100]}) 555-01{position % 100:02d}"
    position -= _COUNTS[0]
    if position < _COUNTS[1]:
        return f"+44 {_UK[position // 1000]} 496 0{position % 1000:03d}"
    position -= _COUNTS[1]
    return f"+33 {_FRANCE[position // 10_000]} {position // 100 % 100:02d} {position % 100:02d}"


def compact(phone: str) -> str:
    """The same number as another form writes it."""
    digits = "".join(digit for digit in phone if digit.isdigit())
    return f"+{digits}" if phone.startswith("+") else f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
