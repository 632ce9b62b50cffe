//! Whether two polygons are one, however they are written.

/// Whether two closed polygons go through the same corners in the same order, wherever they begin, and however often a point
/// is given or an edge divided.
pub fn is_same_way(a: &[[i64; 2]], b: &[[i64; 2]]) -> bool {
    let (own, others) = (corners(a), corners(b));
    let n = own.len();
    let is_turned = |by: usize| (0..n).all(|i| own[i] == others[(i + by) % n]);
    n == others.len() && (n == 0 || (0..n).any(|by| others[by] == own[0] && is_turned(by)))
}

/// The vertices of a closed polygon, none twice in a row and none in the middle of an edge.
fn corners(vertices: &[[i64; 2]]) -> Vec<[i64; 2]> {
    let mut corners: Vec<[i64; 2]> = Vec::with_capacity(vertices.len());
    for vertex in vertices.iter().copied() {
        if corners.last() == Some(&vertex) {
            continue;
        }
        while let [.., a, b] = corners.as_slice()
            && is_between(*a, *b, vertex)
        {
            corners.pop();
        }
        corners.push(vertex);
    }
    // The end meets the beginning.
    while corners.len() > 1 && corners.first() == corners.last() {
        corners.pop();
    }
    while let [first, .., a, b] = corners.as_slice()
        && is_between(*a, *b, *first)
    {
        corners.pop();
    }
    let in_edge = (1..corners.len().saturating_sub(1)).take_while(|next| {
        let last = corners[corners.len() - 1];
        is_between(last, corners[next - 1], corners[*next])
    });
    let passed = in_edge.count();
    corners.split_off(passed)
}

/// Whether the middle one of three points lies on the way from the first to the last.
fn is_between(a: [i64; 2], b: [i64; 2], c: [i64; 2]) -> bool {
    let [ab, bc] = [[a, b], [b, c]].map(|[p, q]| [0, 1].map(|axis| i128::from(q[axis]) - i128::from(p[axis])));
    ab[0] * bc[1] == ab[1] * bc[0] && ab[0] * bc[0] + ab[1] * bc[1] >= 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outlines::testing::Random;

    #[test]
    fn a_polygon_is_itself_however_it_is_written_and_not_its_reverse() {
        let mut random = Random::new(11);
        for _ in 0..300 {
            let mut at = || random.below(9) as i64 * 12;
            let plain: Vec<[i64; 2]> = (0..7).map(|_| [at(), at()]).collect();
            let mut other = plain.clone();
            other.rotate_left(random.below(7));
            let edge = random.below(6);
            let middle = [0, 1].map(|axis| (other[edge][axis] + other[edge + 1][axis]) / 2);
            other.insert(edge + 1, middle);
            other.push(other[0]);
            assert!(is_same_way(&plain, &other), "{plain:?} {other:?}");
            let mut moved = other.clone();
            // In no direction in which an edge runs.
            moved[3] = [moved[3][0] + 1, moved[3][1] + 50];
            let is_on_edge = corners(&moved).len() == corners(&plain).len() && is_same_way(&plain, &moved);
            assert!(!is_on_edge, "{plain:?} {moved:?}");
        }
        let square = [[0, 0], [9, 0], [9, 9], [0, 9]];
        let mut reversed = square;
        reversed.reverse();
        assert!(is_same_way(&square, &square) && !is_same_way(&square, &reversed));
        assert!(is_same_way(&[], &[]) && is_same_way(&[[1, 1]], &[[1, 1], [1, 1]]));
    }
}
